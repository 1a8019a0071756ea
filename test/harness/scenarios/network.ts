import type { Scenario } from '../scenario.js';
import type { Toxic, ToxicProxy } from '../toxic-proxy.js';

/** A spell of bad network between everybody and the broker. */
interface Spell {
  readonly say: string;
  readonly toxic: Toxic;
  readonly ms: number;
}

const SPELLS: readonly Spell[] = [
  { say: '80 ms more for each piece', toxic: { kind: 'latency', ms: 80 }, ms: 4000 },
  { say: 'one MiB a second', toxic: { kind: 'bandwidth', bytesPerSecond: 1024 * 1024 }, ms: 4000 },
  { say: 'pieces of 700 bytes', toxic: { kind: 'slices', bytes: 700 }, ms: 3000 },
  { say: 'connections break after 100 KiB', toxic: { kind: 'limit', bytes: 100 * 1024 }, ms: 3000 },
  { say: 'half open: nothing passes, nothing is closed', toxic: { kind: 'hold' }, ms: 8000 },
];

/** Each request on a silent connection is given ten seconds, and a transaction that it leaves open is waited for. */
const HALF_OPEN_SECONDS = 150;

const proxyOf = (proxies: readonly ToxicProxy[]): ToxicProxy => {
  const [proxy] = proxies;
  if (proxy === undefined) throw new Error('there is no proxy');
  return proxy;
};

export const NETWORK: readonly Scenario[] = [
  {
    name: 'bad-network',
    faults: [9],
    what: 'latency, little bandwidth, small pieces, breaking and half-open connections to the broker',
    stage: 'network',
    async disturb({ proxies }, { tell, pause, moves }) {
      const proxy = proxyOf(proxies);
      for (const { say, toxic, ms } of SPELLS) {
        tell(`network: ${say}`);
        proxy.set(toxic);
        await pause(ms);
        proxy.set({ kind: 'none' });
        await moves();
      }
      tell('network: the connections that are open bring nothing ever again');
      proxy.mute();
      await moves(HALF_OPEN_SECONDS);
    },
  },
  {
    name: 'broker-unreachable',
    faults: [9],
    what: 'every connection to the broker is reset, then nobody reaches it for a while; doors answer 503 meanwhile',
    stage: 'network',
    async disturb({ proxies, instance }, { tell, pause, random, moves, until, wrong }) {
      const proxy = proxyOf(proxies);
      tell('every connection is reset');
      proxy.reset();
      await moves();
      tell('nobody reaches the broker');
      await proxy.down();
      const ready = async () => (await fetch(`${instance.validation.url}/health/ready`)).status;
      await until('validation says that it cannot work', async () => (await ready()) === 503, 30).catch((error: unknown) =>
        wrong(String(error)),
      );
      await pause(random() * 3000);
      await proxy.up();
    },
  },
];
