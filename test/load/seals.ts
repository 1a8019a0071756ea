import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, sign, verify as verifySignature } from 'node:crypto';
import { canonicalize, parseStrict } from '#canonical';
import { sealAll, verify } from '#envelope';
import { sealInput, testIssuer } from '#testkit';
import { persons } from '../../examples/registries/index.js';
import { type Row, row } from './measure.js';

const COUNT = 10_000;
const CHUNK = 400;
const ROUNDS = 3;
const OPENSSL_SECONDS = 2;

/**
 * Envelopes sealed and verified a second on one core, beside raw ECDSA P-256 of openssl and of this Node, all measured in this run. Time is
 * processor time of this process, so that neighbours on the machine count as little as they can.
 */
export async function benchSeals(tell: (text: string) => void): Promise<Row[]> {
  const issuer = testIssuer();
  const at = new Date();
  const inputs = [...persons({ count: COUNT, from: 900_000 })].map(({ bytes }, i) => {
    const parsed = parseStrict(bytes);
    if (!parsed.ok) throw new Error('the fixture is no strict JSON');
    return sealInput({ event: { ...sealInput().event, id: `bench-${i}` }, record: canonicalize(parsed.value) });
  });
  tell('seals: openssl');
  const openssl = opensslRates();
  tell('seals: raw signing of this Node');
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const bytes = Buffer.alloc(1500, 7);
  const signature = signed(pair.privateKey, bytes);
  const raw = {
    sign: await rate(COUNT, () => times(COUNT, () => signed(pair.privateKey, bytes))),
    verify: await rate(COUNT, () =>
      times(COUNT, () => verifySignature('sha256', bytes, { key: pair.publicKey, dsaEncoding: 'ieee-p1363' }, signature)),
    ),
  };
  tell('seals: sealing');
  const envelopes: Buffer[] = [];
  const sealing = await rate(COUNT, async () => {
    envelopes.length = 0;
    for (let i = 0; i < COUNT; i += CHUNK) {
      for (const one of await sealAll(inputs.slice(i, i + CHUNK), issuer.sealer, at)) if (one.ok) envelopes.push(one.envelope);
    }
  });
  if (envelopes.length !== COUNT) throw new Error(`only ${envelopes.length} of ${COUNT} were sealed`);
  tell('seals: verifying');
  let held = 0;
  const options = { keys: issuer.keys, now: new Date(Math.max(at.getTime(), Date.parse('2099-03-01T10:00:00Z'))) };
  const verifying = await rate(COUNT, () => {
    held = envelopes.filter((envelope) => verify(envelope, options).ok).length;
  });
  if (held !== COUNT) throw new Error(`only ${held} of ${COUNT} hold`);
  return [
    row('seals: raw ECDSA P-256 signatures by this Node, per core', raw.sign, '/s', {
      name: 'openssl speed',
      value: openssl.sign,
    }),
    row('seals: envelopes sealed, per core', sealing, '/s', { name: 'openssl speed sign', value: openssl.sign }),
    row('seals: envelopes sealed, per core', sealing, '/s', { name: 'raw signing of this Node', value: raw.sign }),
    row('seals: raw ECDSA P-256 verifications by this Node, per core', raw.verify, '/s', {
      name: 'openssl speed',
      value: openssl.verify,
    }),
    row('seals: envelopes verified, per core', verifying, '/s', { name: 'openssl speed verify', value: openssl.verify }),
    row('seals: envelopes verified, per core', verifying, '/s', { name: 'raw verifying of this Node', value: raw.verify }),
  ];
}

const signed = (key: KeyObject, bytes: Buffer) => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });

function times(count: number, work: () => unknown): void {
  for (let i = 0; i < count; i++) work();
}

/** Work a second of processor time: the best of some rounds after one for warming up. */
async function rate(count: number, work: () => unknown): Promise<number> {
  let best = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    if (round > 0) best = Math.max(best, count / ((user + system) / 1e6));
  }
  return best;
}

/** Signatures and verifications a second that openssl reports for P-256. */
function opensslRates(): { readonly sign: number; readonly verify: number } {
  const text = execFileSync('openssl', ['speed', '-seconds', String(OPENSSL_SECONDS), 'ecdsap256'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [, signs, verifies] = /256 bits ecdsa.*?([0-9.]+)\s+([0-9.]+)\s*$/m.exec(text) ?? [];
  if (signs === undefined || verifies === undefined) throw new Error('openssl speed answered in another form');
  return { sign: Number(signs), verify: Number(verifies) };
}
