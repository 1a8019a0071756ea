import { setTimeout as pause } from 'node:timers/promises';
import { HEADER, sealedTopic } from '#record';
import { PERSON } from '../../examples/registries/index.js';
import type { Instance } from '../instance/instance.js';
import { quantile, type Row, row } from './measure.js';
import { sendPaced } from './pace.js';

const PER_SECOND = 100;
/** So long a broker that has just started compiles its code, with a core of its own; what is sent meanwhile does not count. */
const WARM_SECONDS = 90;

/**
 * From the adapter's 202 to the envelope in the hands of a reader of committed records, at 100 single events a second, after a
 * warm-up at the same rate.
 */
export async function benchLatency(instance: Instance, seconds: number, tell: (text: string) => void): Promise<Row[]> {
  const [agency] = instance.agencies;
  if (agency === undefined) return [];
  const answered = new Map<string, number>();
  const durations: number[] = [];
  const warmUp: number[] = [];
  let counted = Number.POSITIVE_INFINITY;
  const read = new Map<string, number>();
  const settle = (id: string): void => {
    const [from, to] = [answered.get(id), read.get(id)];
    if (from === undefined || to === undefined) return;
    (from < counted ? warmUp : durations).push(Math.max(0, to - from));
  };
  const tail = await instance.client.tail(sealedTopic(PERSON), { fromOffset: 'latest' }, (records) => {
    const now = performance.now();
    for (const { headers } of records) {
      const id = String(headers[HEADER.id]);
      read.set(id, now);
      settle(id);
    }
  });
  const count = PER_SECOND * (WARM_SECONDS + seconds);
  counted = performance.now() + WARM_SECONDS * 1000;
  const answer = (id: string): void => {
    answered.set(id, performance.now());
    settle(id);
  };
  await sendPaced({ agency, perSecond: PER_SECOND, count, from: 700_000, run: 'latency' }, answer, tell);
  const end = Date.now() + 20_000;
  while (durations.length + warmUp.length < count && Date.now() < end) await pause(100);
  await tail.stop();
  const arrived = durations.length + warmUp.length;
  if (arrived < count) throw new Error(`only ${arrived} of ${count} envelopes could be read`);
  return [
    row(`202 to readable envelope at ${PER_SECOND}/s, p50 of ${durations.length}`, quantile(durations, 0.5), 'ms'),
    row(`202 to readable envelope at ${PER_SECOND}/s, p99`, quantile(durations, 0.99), 'ms', { name: 'aim', value: 150 }),
    row(`the same during the first ${WARM_SECONDS} s after the start, p50`, quantile(warmUp, 0.5), 'ms'),
  ];
}
