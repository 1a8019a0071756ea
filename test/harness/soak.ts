import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Ledger } from '../flow/ledger.js';
import { parcel } from '../flow/parcels.js';
import { sendAll } from '../flow/sender.js';
import { Gauges } from '../instance/gauges.js';
import type { Agency } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { type Road, startRoad } from './road.js';
import { settle } from './run-scenario.js';
import { servicesOf } from './scenarios/life.js';
import { breaches, missing, printTally, since, tally } from './tally.js';

/** Of each agency. */
const SUBJECTS = 200;
const FAULTY = 0.01;
/** So many records may lie between the door and the ends: whoever sends waits for whoever takes. */
const MOST_AHEAD = 6000;
const SAMPLE_MS = 2000;
const TELL_MS = 30_000;
/** What a process may have more in the last quarter than in the second, when it has long been warm. */
const MORE_MEMORY = 1.25;
const MORE_FILES = 8;

interface Sampled {
  readonly bytes: number;
  readonly files: number;
}

/** Sends `records` the whole way without any fault, and looks at what that leaves behind. Gives what is wrong. */
export async function soak(
  { records, webhook }: { readonly records: number; readonly webhook: boolean },
  random: () => number,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const road = await startRoad(webhook ? 'plain' : 'no webhook');
  try {
    return await soakOn(road, records, random, say);
  } finally {
    await road.stop();
  }
}

async function soakOn(road: Road, records: number, random: () => number, say: (line: string) => void): Promise<string[]> {
  const from = since(road);
  const ledger = new Ledger(join(road.instance.folder, 'ledger-soak'));
  const samples = new Map(servicesOf(road).map((service) => [service, [] as Sampled[]]));
  let over = false;
  const sampling = (async () => {
    for (; !over; await pause(SAMPLE_MS)) {
      for (const [service, taken] of samples) taken.push(await sample(service));
    }
  })();
  const began = Date.now();
  const each = Math.ceil(records / road.instance.agencies.length);
  const telling = setInterval(() => say(`  ${ledger.acked.size} of ${records} sent`), TELL_MS).unref();
  await Promise.all(road.instance.agencies.map((agency) => send(road, agency, each, ledger, random)));
  await settle(road, ledger, from);
  clearInterval(telling);
  const seconds = (Date.now() - began) / 1000;
  over = true;
  await sampling;
  const count = tally(road, ledger, from);
  say(`soak: ${printTally(count)} records/s=${(count.acked / seconds).toFixed(0)} seconds=${seconds.toFixed(0)}`);
  const wrong = breaches(count).map((name) => `${name} is not 0`);
  for (const [service, taken] of samples) wrong.push(...growth(service, taken, say));
  wrong.push(...(await disagreements(road, ledger, count, say)));
  if (missing(road, ledger, from) > 0) wrong.push('not everything has come out');
  ledger.close();
  return wrong;
}

async function send(road: Road, agency: Agency, records: number, ledger: Ledger, random: () => number): Promise<void> {
  for (let change = 1, sent = 0; sent < records; change++) {
    const size = Math.min(SUBJECTS, records - sent);
    const batch = Array.from({ length: size }, (_, subject) =>
      parcel(agency, subject, change, random() < FAULTY ? Math.floor(random() * 5) : undefined),
    );
    await sendAll(agency, batch, ledger);
    sent += size;
    const { delivered, posted, told } = road.observer;
    const taken = () => (road.consumers === 1 ? delivered.length : Math.min(delivered.length, posted.length));
    while (ledger.acked.size - told.length - taken() > MOST_AHEAD) await pause(50);
  }
}

async function sample(service: ServiceProcess): Promise<Sampled> {
  const gauges = await Gauges.of(service);
  return { bytes: gauges.sum('process_resident_memory_bytes'), files: gauges.sum('process_open_fds') };
}

/** Compares the last quarter with the second one, by the median, since a collection of garbage may come at any moment. */
function growth({ command: { name } }: ServiceProcess, taken: readonly Sampled[], say: (line: string) => void): string[] {
  const quarter = Math.floor(taken.length / 4);
  if (quarter < 3) return [`too few samples of ${name}: send more records`];
  const [second, last] = [taken.slice(quarter, 2 * quarter), taken.slice(-quarter)];
  const of = (part: readonly Sampled[], pick: (one: Sampled) => number): number =>
    part.map(pick).sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? Number.NaN;
  const bytes = [of(second, (one) => one.bytes), of(last, (one) => one.bytes)] as const;
  const files = [of(second, (one) => one.files), of(last, (one) => one.files)] as const;
  const mebi = (n: number): string => (n / 1024 / 1024).toFixed(0);
  say(`  ${name}: memory ${mebi(bytes[0])} MiB, then ${mebi(bytes[1])} MiB; files ${files[0]}, then ${files[1]}`);
  return [
    ...(bytes[1] > bytes[0] * MORE_MEMORY ? [`the memory of ${name} grows`] : []),
    ...(files[1] > files[0] + MORE_FILES ? [`the open files of ${name} grow`] : []),
  ];
}

/** What services count must be what the outside ledger knows. No service was started anew, so nothing was forgotten. */
async function disagreements(
  road: Road,
  ledger: Ledger,
  { delivered, dead, rejected }: ReturnType<typeof tally>,
  say: (line: string) => void,
): Promise<string[]> {
  const { validation, signing } = road.instance;
  const [judged, sealed, handed] = await Promise.all([Gauges.of(validation), Gauges.of(signing), Gauges.of(road.delivery)]);
  const sound = ledger.acked.size - rejected;
  const pairs: readonly (readonly [string, number, number])[] = [
    ['received by validation', judged.sum('khidi_records_received_total'), ledger.acked.size],
    ['rejected by validation', judged.sum('khidi_records_rejected_total'), rejected],
    ['sealed by signing', sealed.sum('khidi_records_sealed_total'), sound],
    ['handed over by delivery', handed.sum('khidi_deliveries_total'), road.consumers * sound],
    ['dead letters of delivery', handed.sum('khidi_dead_letters_total'), dead],
    ['leaves of records', [...road.leaves.leaves.keys()].filter((name) => name.startsWith('record ')).length, sound],
    ['taken by consumers or kept', delivered + dead, road.consumers * sound],
  ];
  for (const [what, counted, known] of pairs) say(`  ${what}: ${counted}, by the outside ledger ${known}`);
  return pairs.flatMap(([what, counted, known]) => (counted === known ? [] : [`${what}: ${counted} instead of ${known}`]));
}
