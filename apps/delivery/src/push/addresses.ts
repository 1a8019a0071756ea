import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';

/** Where nobody outside can be: a webhook there would reach our own machines (SSRF). IANA special-purpose registries. */
const V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
/** The last three carry an IPv4 address inside, which could be any of those above. */
const V6 = [
  ['::', 127],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 47],
  ['2002::', 16],
] as const;

// One list for each kind: in one list the net of mapped addresses would match every IPv4 address.
const blocked = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix] of V4) blocked.ipv4.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of V6) blocked.ipv6.addSubnet(net, prefix, 'ipv6');

/** Whether an address lies outside everything private, local or reserved. */
export function isPublic(address: string): boolean {
  const kind = isIPv6(address) ? 'ipv6' : 'ipv4';
  return !blocked[kind].check(address, kind);
}

/** One address, and which kind it is. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Asks for the addresses of a host. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

const bySystem: Resolve = (host) => lookup(host, { all: true });

/**
 * The same, but a host is asked for once at a time and waited for no longer than `ms`. Looking up holds one of the few threads that all files and
 * ciphers of the process wait for, and how long it takes is up to whoever answers for the host: it must not keep all of them. Rejects
 * when the time is over, and with what `resolve` gives.
 */
export function patientResolve(ms: number, resolve: Resolve = bySystem): Resolve {
  const asking = new Map<string, Promise<readonly Address[]>>();
  return async (host) => {
    const asked = asking.get(host) ?? resolve(host).finally(() => asking.delete(host));
    asking.set(host, asked);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no address in time')), ms);
    });
    return Promise.race([asked, late]).finally(() => clearTimeout(timer));
  };
}

/**
 * The address to connect to, asked for once, so that the one that was judged is the one that is used. Undefined where the host has
 * none, or one of them is not public (a name that points both ways is not to be trusted at all) unless `privateAllowed`.
 */
export async function addressOf(host: string, privateAllowed: boolean, resolve: Resolve): Promise<Address | undefined> {
  const bare = host.replace(/^\[|\]$/g, '');
  const found = await resolve(bare);
  return privateAllowed || found.every(({ address }) => isPublic(address)) ? found[0] : undefined;
}
