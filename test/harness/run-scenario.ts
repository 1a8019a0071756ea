import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deliveryTopic } from '#record';
import { Ledger } from '../flow/ledger.js';
import { parcel } from '../flow/parcels.js';
import { sendAll } from '../flow/sender.js';
import { Gauges } from '../instance/gauges.js';
import type { Agency } from '../instance/instance.js';
import { BY_TOPIC, type Road, TYPE } from './road.js';
import type { Scenario, Tools } from './scenario.js';
import { defectsSince, markLogs } from './service-logs.js';
import { breaches, missing, printTally, type Since, since, type Tally, tally, unlogged } from './tally.js';

/** Of each agency. */
const SUBJECTS = 30;
const FAULTY = 0.02;
const REPEATED = 0.02;
const PATIENCE_SECONDS = 120;
/** Everything must have come out so soon after the faults are over, on a machine however busy; where nothing moves for a while, it will not. */
const SETTLE_SECONDS = 600;
const STILL_SECONDS = 30;
const LEAST_MS = 8000;

/** What came of a scenario. */
export interface Result {
  readonly count: Tally;
  /** Everything that should have been otherwise; empty where all is well. */
  readonly wrong: readonly string[];
  /** From the end of the faults until everything had come out. */
  readonly settledSeconds: number;
}

/** Runs one scenario, the `number`th of its edition, on a road that stands: agencies send, it disturbs once, and when all has come out it is counted. */
export async function runScenario(
  road: Road,
  scenario: Scenario,
  { number, random, tell }: { number: number; random: () => number; tell: (line: string) => void },
): Promise<Result> {
  const from = since(road);
  const logs = markLogs(join(road.instance.folder, 'logs'));
  const ledger = new Ledger(join(road.instance.folder, `ledger-${number}-${scenario.name}`));
  const wrong: string[] = [];
  const first = number * 10_000;
  const tools = toolsOf(road, { ledger, subject: first + 5000, random, tell, wrong: (what) => void wrong.push(what) });
  const began = Date.now();
  let over = false;
  const disturbing = disturb(scenario, road, tools).finally(() => {
    over = true;
  });
  const sending = road.instance.agencies.map((agency) =>
    sendWhile(agency, ledger, first, random, () => !over || Date.now() - began < LEAST_MS),
  );
  try {
    await Promise.all([disturbing, ...sending]);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error), await whereItStands(road));
    over = true;
    await Promise.allSettled(sending);
  }
  const ended = Date.now();
  await settle(road, ledger, from);
  const settledSeconds = (Date.now() - ended) / 1000;
  if (missing(road, ledger, from) > 0) wrong.push(await whereItStands(road));
  if (wrong.length === 0) await scenario.after?.(road, tools).catch((error: unknown) => void wrong.push(String(error)));
  const count = tally(road, ledger, from);
  ledger.close();
  wrong.push(...breaches(count).map((name) => `${name} is not 0`));
  if (count.acked === 0) wrong.push('nothing was sent');
  wrong.push(...defectsSince(logs));
  const { complaints } = road.observer;
  if (count.complaints > 0) wrong.push(...complaints.slice(from.complaints, from.complaints + 3));
  return { count, wrong, settledSeconds };
}

/** The line of a scenario. */
export const printResult = (name: string, { count, settledSeconds }: Result): string =>
  `${name}: ${printTally(count)} settled=${settledSeconds.toFixed(0)}s`;

async function disturb(scenario: Scenario, road: Road, tools: Tools): Promise<void> {
  await tools.moves();
  await scenario.disturb(road, tools);
  await tools.moves();
}

function toolsOf(road: Road, own: Pick<Tools, 'ledger' | 'subject' | 'random' | 'tell' | 'wrong'>): Tools {
  const until: Tools['until'] = async (what, holds, seconds = PATIENCE_SECONDS) => {
    for (const end = Date.now() + seconds * 1000; !(await holds()); await pause(50)) {
      if (Date.now() > end) throw new Error(`${what} did not come about in ${seconds} s`);
    }
  };
  return {
    ...own,
    until,
    async moves(seconds) {
      const { delivered, posted } = road.observer;
      const before = [delivered.length, posted.length];
      await until('a record comes out at both ends', () => delivered.length > before[0]! && posted.length > before[1]!, seconds);
    },
    pause: async (ms) => void (await pause(ms)),
  };
}

/** How many records wait before each group, for whoever looks for the place where the road stands still. */
async function whereItStands(road: Road): Promise<string> {
  const { client, topics } = road.instance;
  const lagOf = async (group: string, role: string): Promise<string> => {
    const names = topics.filter((topic) => topic.role === role).map(({ name }) => name);
    const lags = await client.admin.groupLag(group, names).catch(() => []); // Kafka may be what is away
    const behind = lags.filter(({ lag }) => lag > 0).map(({ topic, partition, lag }) => `${topic}/${partition}: ${lag}`);
    return `${group} has ${behind.join(', ') || 'nothing'} before it`;
  };
  const topic = deliveryTopic(BY_TOPIC, TYPE);
  const [end] = await client.admin.endOffsets(topic).catch(() => []);
  const lag = await Gauges.of(road.delivery).then(
    (gauges) => gauges.sum('khidi_delivery_lag_records'),
    () => 'unknown', // it may be away
  );
  return [
    await lagOf('validation', 'ingress'),
    await lagOf('signing', 'validated'),
    `delivery is ${lag} behind`,
    `${topic} ends at ${end?.end} (${end?.high}), its consumer has read to ${road.observer.position}`,
  ].join('; ');
}

/** One change of each subject a batch, so that the order is known; some records spoilt, some sent twice. */
async function sendWhile(
  agency: Agency,
  ledger: Ledger,
  first: number,
  random: () => number,
  goOn: () => boolean,
): Promise<void> {
  for (let change = 1; goOn(); change++) {
    const batch = Array.from({ length: SUBJECTS }, (_, subject) =>
      parcel(agency, first + subject, change, random() < FAULTY ? Math.floor(random() * 5) : undefined),
    );
    await sendAll(agency, batch, ledger);
    await sendAll(
      agency,
      batch.filter(() => random() < REPEATED),
      ledger,
    );
    await pause(300 + random() * 400);
  }
}

/** Waits until everything that was acknowledged has come out at every end and has its leaf, or for too long. */
export async function settle(road: Road, ledger: Ledger, from: Since): Promise<void> {
  const end = Date.now() + SETTLE_SECONDS * 1000;
  for (let moved = Date.now(), before = -1; Date.now() < Math.min(end, moved + STILL_SECONDS * 1000); await pause(250)) {
    const { delivered, posted, told, dead } = road.observer;
    const now = delivered.length + posted.length + told.length + dead.length;
    if (now !== before) moved = Date.now();
    before = now;
    const read = await road.leaves.catchUp().then(
      () => true,
      () => false, // the ledger is starting
    );
    if (missing(road, ledger, from) === 0 && read && unlogged(road, from) === 0) return;
  }
}
