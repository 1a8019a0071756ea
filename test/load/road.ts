import { cpus } from 'node:os';
import { Gauges } from '../instance/gauges.js';
import type { Instance } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { besideRelay, CHUNK, comparison, type Topics } from './beside-relay.js';
import { type Progress, type Row, rateBetween, row } from './measure.js';
import { hops } from './progress.js';
import { type Run, WARM } from './timed-run.js';

type Tell = (text: string) => void;

/**
 * The road (ingress → validated → sealed) beside a bare relay of the same two hops, over the same records in the same topics.
 * Also how memory and rate hold from the
 * first records to the last. The agencies' adapters rest meanwhile: they read outcomes on the agencies' machines, which here would be
 * the same cores. The ledger rests too: it is a third hop.
 */
export async function benchRoad(instance: Instance, count: number, tell: Tell): Promise<Row[]> {
  const { validation, signing } = instance;
  const road = (topics: Topics) => () => hops(instance, ['validation', topics.ingress], ['signing', topics.validated]);
  const both = await besideRelay(instance, { count, relayHops: 2, services: { validation, signing }, progress: road }, tell);
  const commits = await Promise.all([commitsOf(validation), commitsOf(signing)]);
  return [
    ...comparison(`road, two hops, ${count} records of 1 KB, ${cpus().length} cores`, both),
    row('validation: records in a transaction', count / commits[0], 'records', { name: 'relay, at most', value: CHUNK }),
    row('signing: records in a transaction', count / commits[1], 'records', { name: 'relay, at most', value: CHUNK }),
    ...steadiness(both.road, count),
  ];
}

/** The road with its evidence: the ledger is the third hop, and the relay has a third one as well. */
export async function benchRoadToLedger(instance: Instance, count: number, tell: Tell): Promise<Row[]> {
  const { validation, signing, ledger } = instance;
  const road = () => {
    let start: number | undefined;
    return async (): Promise<Progress> => {
      const now = (await Gauges.of(ledger)).sum('khidi_log_size_leaves');
      start ??= now;
      return { done: now, finished: now - start >= count };
    };
  };
  const services = { validation, signing, ledger };
  const both = await besideRelay(instance, { count, relayHops: 3, services, progress: road }, tell);
  return comparison(`road with the ledger, three hops, ${count} records`, both);
}

/** How many chunks a service has committed so far, by its own metrics. */
async function commitsOf(service: ServiceProcess): Promise<number> {
  return (await Gauges.of(service)).sum('khidi_step_duration_seconds_count', 'step="commit"');
}

function steadiness({ samples, memory }: Run, count: number): Row[] {
  const early = memory.find(({ at }) => at >= count / 8) ?? memory.at(-1);
  const late = memory.at(-1);
  if (early === undefined || late === undefined) return [];
  const half = rateBetween(samples, WARM * count, 0.5 * count);
  return [
    ...['validation', 'signing'].map((name) =>
      row(`${name}: resident memory at the end`, late.of[name] ?? Number.NaN, 'MiB', {
        name: 'at one eighth',
        value: early.of[name] ?? Number.NaN,
      }),
    ),
    row('rate of the second half', rateBetween(samples, 0.5 * count, 0.95 * count), 'records/s', {
      name: 'of the first half',
      value: half,
    }),
  ];
}
