import { setTimeout as pause } from 'node:timers/promises';
import { HEADER, ingressTopic, type ReceivedRecord, sealedTopic } from '#record';
import { LOCALITY } from '../../examples/registries/index.js';
import { brew, POISON, type Poison } from '../flow/poison.js';
import type { Instance } from '../instance/instance.js';
import { quantile, type Row, row } from './measure.js';

const SOUND: Poison = { name: 'a sound neighbour', faults: [] };
const SECONDS = 30;
const PER_SECOND = 50;
/** Of the poison, what an agency could send by mistake every day; the hostile giants are another matter. */
const EVERYDAY = POISON.filter(({ value }) => value === undefined || value === null || value.length < 10_000);

/** How long sound records take from the ingress topic to their envelope, alone and with two bad records a second among them. */
export async function benchPoison(instance: Instance, tell: (text: string) => void): Promise<Row[]> {
  const alone = await neighbours(instance, 'alone', 0, tell);
  const amid = await neighbours(instance, 'amid', 2, tell);
  return [row('neighbours of bad records, ingress to envelope: p99', amid, 'ms', { name: 'without bad records', value: alone })];
}

async function neighbours(instance: Instance, run: string, badPerSecond: number, tell: (text: string) => void): Promise<number> {
  const [agency] = instance.agencies;
  if (agency === undefined) return Number.NaN;
  const topic = ingressTopic(agency.member.id, LOCALITY);
  const sent = new Map<string, number>();
  const durations: number[] = [];
  const onRecords = (records: readonly ReceivedRecord[]): void => {
    for (const { headers } of records) {
      const from = sent.get(String(headers[HEADER.id]));
      if (from !== undefined) durations.push(performance.now() - from);
    }
  };
  const tail = await instance.client.tail(sealedTopic(LOCALITY), { fromOffset: 'latest' }, onRecords);
  await pause(500);
  const publisher = instance.client.publisher();
  const count = SECONDS * PER_SECOND;
  const began = performance.now();
  const every = badPerSecond === 0 ? Number.POSITIVE_INFINITY : PER_SECOND / badPerSecond;
  const published: Promise<unknown>[] = [];
  const write = (poison: Poison, id: string) => publisher.publish([{ topic, key: id, partition: 0, ...brew(poison, id) }]);
  for (let n = 0; n < count; n++) {
    await pause(Math.max(0, began + (n * 1000) / PER_SECOND - performance.now()));
    if (n % every === 0) published.push(write(EVERYDAY[(n / every) % EVERYDAY.length] ?? SOUND, `${run}-bad-${n}`));
    const id = `${run}-${n}`;
    sent.set(id, performance.now());
    published.push(write(SOUND, id));
    if (n % 250 === 0) tell(`neighbours, ${run}: ${n} of ${count}`);
  }
  await Promise.all(published);
  const end = Date.now() + 20_000;
  while (durations.length < count && Date.now() < end) await pause(100);
  await tail.stop();
  await publisher.close();
  if (durations.length < count) throw new Error(`only ${durations.length} of ${count} neighbours came out`);
  return quantile(durations, 0.99);
}
