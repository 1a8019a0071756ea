import { cpus } from 'node:os';
import { PERSON, persons } from '../../examples/registries/index.js';
import type { Instance } from '../instance/instance.js';
import { fill, type Load } from './fill.js';
import { cpuSeconds, type Row, rateBetween, residentMiB, row, type Sample, watch } from './measure.js';
import { twoHops } from './progress.js';
import { Relay } from './relay.js';

const CHUNK = 400;

/** Synthetic persons of 1 KB, all sound; every tenth one also for other benchmarks' eyes. */
function* load(count: number, from: number): Generator<Load> {
  for (const { bytes } of persons({ count, from })) yield { type: PERSON, body: bytes };
}

/**
 * The road (ingress → validated → sealed) beside a bare relay of the same two hops, over the same records in the same topics: half of the
 * relay before the road and half of it after, so that a machine that drifts does not decide. Also how memory and rate hold from the
 * first records to the last.
 */
export async function benchRoad(instance: Instance, count: number, tell: (text: string) => void): Promise<Row[]> {
  const ingress = instance.topics.filter(({ role, name }) => role === 'ingress' && name.endsWith(PERSON)).map(({ name }) => name);
  await Promise.all([instance.validation.stop(), instance.signing.stop()]);
  const relay = new Relay(instance, ingress, CHUNK);
  await relay.prepare();

  const half = Math.floor(count / 2);
  await fill(instance, 'first', load(half, 0), (done) => tell(`filling the ingress topics: ${done} of ${count}`));
  const before = await timed(relay, half, tell);
  await fill(instance, 'second', load(count - half, half), (done) =>
    tell(`filling the ingress topics: ${half + done} of ${count}`),
  );

  instance.validation.start();
  instance.signing.start();
  await Promise.all([instance.validation.ready(), instance.signing.ready()]);
  const memory: { at: number; validation: number; signing: number }[] = [];
  const topics = instance.topics
    .filter(({ role, name }) => role === 'validated' && name.endsWith(PERSON))
    .map(({ name }) => name);
  const pids = { validation: instance.validation.pid ?? 0, signing: instance.signing.pid ?? 0 };
  const samples = await watch(
    () => twoHops(instance, ['validation', ingress], ['signing', topics]),
    (done) => {
      memory.push({ at: done, validation: residentMiB(pids.validation), signing: residentMiB(pids.signing) });
      tell(`the road: ${done} of ${count}`);
    },
  );
  const cpu = { validation: cpuSeconds(pids.validation), signing: cpuSeconds(pids.signing) };
  const after = await timed(relay, count - half, tell);

  const relayRate = count / (before.seconds + after.seconds);
  const roadRate = overall(samples, count);
  const cores = cpus().length;
  return [
    row(`road, two hops, ${count} records of 1 KB, ${cores} cores`, roadRate, 'records/s', {
      name: 'bare relay, stock kafkajs',
      value: relayRate,
    }),
    row('validation: processor time', (cpu.validation / count) * 1e6, 'µs/record', {
      name: 'relay hop 1',
      value: (after.cpu[0] / (count - half)) * 1e6,
    }),
    row('signing: processor time', (cpu.signing / count) * 1e6, 'µs/record', {
      name: 'relay hop 2',
      value: (after.cpu[1] / (count - half)) * 1e6,
    }),
    ...steadiness(samples, memory, count),
  ];
}

/** From the first sample after the first chunk to the last one. */
function overall(samples: readonly Sample[], count: number): number {
  const first = samples.find(({ done }) => done > 0);
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return Number.NaN;
  return (count - first.done) / ((last.at - first.at) / 1000);
}

async function timed(
  relay: Relay,
  count: number,
  tell: (text: string) => void,
): Promise<{ seconds: number; cpu: [number, number] }> {
  await relay.start();
  const start = (await relay.progress()).done;
  const samples = await watch(
    () => relay.progress(),
    (done) => tell(`the bare relay: ${done - start} of ${count}`),
  );
  const [one = 0, two = 0] = relay.pids;
  const cpu: [number, number] = [cpuSeconds(one), cpuSeconds(two)];
  await relay.stop();
  const moved = samples.map(({ at, done }) => ({ at, done: done - start }));
  return { seconds: count / overall(moved, count), cpu };
}

function steadiness(
  samples: readonly Sample[],
  memory: readonly { at: number; validation: number; signing: number }[],
  count: number,
): Row[] {
  const early = memory.find(({ at }) => at >= count / 8) ?? memory.at(-1);
  const late = memory.at(-1);
  if (early === undefined || late === undefined) return [];
  const half = rateBetween(samples, 0.1 * count, 0.5 * count);
  return [
    row('validation: resident memory at the end', late.validation, 'MiB', { name: 'at one eighth', value: early.validation }),
    row('signing: resident memory at the end', late.signing, 'MiB', { name: 'at one eighth', value: early.signing }),
    row('rate of the second half', rateBetween(samples, 0.5 * count, 0.95 * count), 'records/s', {
      name: 'of the first half',
      value: half,
    }),
  ];
}
