import { cpus } from 'node:os';
import { PERSON, persons } from '../../examples/registries/index.js';
import type { Instance } from '../instance/instance.js';
import { fill, type Load } from './fill.js';
import { cpuSeconds, type Row, rateBetween, residentMiB, row, type Sample, watch } from './measure.js';
import { twoHops } from './progress.js';
import { Relay } from './relay.js';

const CHUNK = 400;
/** The first part of each run warms its processes up, and the broker; only what follows counts. */
const WARM = 1 / 8;

/** Synthetic persons of 1 KB, all sound. */
function* load(count: number, from: number): Generator<Load> {
  for (const { bytes } of persons({ count, from })) yield { type: PERSON, body: bytes };
}

/**
 * The road (ingress → validated → sealed) beside a bare relay of the same two hops, over the same records in the same topics: half of the
 * relay before the road and half of it after, so that a machine that drifts does not decide. Also how memory and rate hold from the
 * first records to the last. The agencies' adapters rest meanwhile: they read outcomes on the agencies' machines, which here would be
 * the same cores. The ledger rests too: it is a third hop.
 */
export async function benchRoad(instance: Instance, count: number, tell: (text: string) => void): Promise<Row[]> {
  const topics = (role: string) =>
    instance.topics.filter((one) => one.role === role && one.name.endsWith(PERSON)).map(({ name }) => name);
  const [ingress, validated] = [topics('ingress'), topics('validated')];
  const { validation, signing, ledger } = instance;
  await Promise.all(
    [validation, signing, ledger, ...instance.agencies.map(({ adapter }) => adapter)].map((service) => service.stop()),
  );
  const relay = new Relay(instance, ingress, CHUNK);
  await relay.prepare();
  const relayed = async (records: number): Promise<Run> => {
    await relay.start();
    const [one = 0, two = 0] = relay.pids;
    const run = await timed({ one, two, broker: instance.brokerPid() }, records, () => relay.progress(), tell, 'the bare relay');
    await relay.stop();
    return run;
  };

  const half = Math.floor(count / 2);
  await fill(instance, 'first', load(half, 0), (done) => tell(`filling the ingress topics: ${done} of ${count}`));
  const before = await relayed(half);
  await fill(instance, 'second', load(count - half, half), (done) =>
    tell(`filling the ingress topics: ${half + done} of ${count}`),
  );

  validation.start();
  signing.start();
  await Promise.all([validation.ready(), signing.ready()]);
  const pids = { one: validation.pid ?? 0, two: signing.pid ?? 0, broker: instance.brokerPid() };
  const progress = () => twoHops(instance, ['validation', ingress], ['signing', validated]);
  const road = await timed(pids, count, progress, tell, 'the road');
  const commits = await Promise.all([commitsOf(validation.url), commitsOf(signing.url)]);
  const after = await relayed(count - half);

  const peer = (name: string, of: (run: Run) => number) => ({ name, value: (of(before) + of(after)) / 2 });
  const per = (process: keyof Pids) => (run: Run) => run.cpu[process];
  return [
    row(`road, two hops, ${count} records of 1 KB, ${cpus().length} cores`, road.rate, 'records/s', {
      name: 'bare relay, stock kafkajs',
      value: 2 / (1 / before.rate + 1 / after.rate),
    }),
    row('validation: processor time', per('one')(road), 'µs/record', peer('relay hop 1', per('one'))),
    row('signing: processor time', per('two')(road), 'µs/record', peer('relay hop 2', per('two'))),
    row('broker: processor time', per('broker')(road), 'µs/record', peer('during the relay', per('broker'))),
    row('validation: records in a transaction', count / commits[0], 'records', { name: 'relay, at most', value: CHUNK }),
    row('signing: records in a transaction', count / commits[1], 'records', { name: 'relay, at most', value: CHUNK }),
    ...steadiness(road, count),
  ];
}

/** The processes of a run of two hops. */
interface Pids {
  readonly one: number;
  readonly two: number;
  readonly broker: number;
}

interface Run {
  readonly samples: readonly Sample[];
  /** Records per second after the warm-up. */
  readonly rate: number;
  /** Processor time per record after the warm-up, in microseconds. */
  readonly cpu: Readonly<Record<keyof Pids, number>>;
  readonly memory: readonly { readonly at: number; readonly validation: number; readonly signing: number }[];
}

async function timed(
  pids: Pids,
  count: number,
  progress: Parameters<typeof watch>[0],
  tell: (text: string) => void,
  what: string,
): Promise<Run> {
  const memory: { at: number; validation: number; signing: number }[] = [];
  const used = () => ({ one: cpuSeconds(pids.one), two: cpuSeconds(pids.two), broker: cpuSeconds(pids.broker) });
  const start = (await progress()).done;
  let warm: { at: number; used: ReturnType<typeof used> } | undefined;
  const seen = await watch(progress, (total) => {
    const at = total - start;
    if (at >= count * WARM) warm ??= { at, used: used() };
    memory.push({ at, validation: residentMiB(pids.one), signing: residentMiB(pids.two) });
    tell(`${what}: ${at} of ${count}`);
  });
  const end = used();
  const samples = seen.map(({ at, done }) => ({ at, done: done - start }));
  const per = (process: keyof Pids): number =>
    warm === undefined ? Number.NaN : ((end[process] - warm.used[process]) / (count - warm.at)) * 1e6;
  const rate = rateBetween(samples, count * WARM, samples.at(-1)?.done ?? count);
  return { samples, memory, rate, cpu: { one: per('one'), two: per('two'), broker: per('broker') } };
}

/** How many chunks a service has committed so far, by its own metrics. */
async function commitsOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^khidi_step_duration_seconds_count\{.*step="commit".*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

function steadiness({ samples, memory }: Run, count: number): Row[] {
  const early = memory.find(({ at }) => at >= count / 8) ?? memory.at(-1);
  const late = memory.at(-1);
  if (early === undefined || late === undefined) return [];
  const half = rateBetween(samples, WARM * count, 0.5 * count);
  return [
    row('validation: resident memory at the end', late.validation, 'MiB', { name: 'at one eighth', value: early.validation }),
    row('signing: resident memory at the end', late.signing, 'MiB', { name: 'at one eighth', value: early.signing }),
    row('rate of the second half', rateBetween(samples, 0.5 * count, 0.95 * count), 'records/s', {
      name: 'of the first half',
      value: half,
    }),
  ];
}
