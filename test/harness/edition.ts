import { seeded } from '../flow/parcels.js';
import { type Road, startRoad } from './road.js';
import { printResult, runScenario } from './run-scenario.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import type { StageName } from './stages.js';

/** Which scenarios are run, and for how long: 0 minutes stands for each of them once. */
export interface Edition {
  readonly scenarios: readonly Scenario[];
  readonly minutes: number;
  readonly seed: number;
}

type Say = (line: string) => void;

/** So many scenarios are drawn before those of one stage are put beside each other, since every change of stage costs a new road. */
const HAND = 6;
/** Room for the scenarios of a round in the seeds of an edition. */
const ROUND = 1000;

/**
 * The scenarios of an edition with a time, round after round without an end: each round is all of them, in an order by chance that the seed
 * decides alone.
 */
export function* rounds(scenarios: readonly Scenario[], seed: number): Generator<Scenario> {
  const random = seeded(seed);
  while (scenarios.length > 0) {
    const drawn = scenarios
      .map((scenario) => ({ scenario, place: random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ scenario }) => scenario);
    for (let i = 0; i < drawn.length; i += HAND) yield* byStage(drawn.slice(i, i + HAND));
  }
}

const byStage = (scenarios: readonly Scenario[]): Scenario[] =>
  [...new Set(scenarios.map(({ stage }) => stage))].flatMap((stage) => scenarios.filter((one) => one.stage === stage));

/**
 * Runs an edition: each scenario once, or round after round until its minutes are over, where what has begun is ended. One that ends
 * ill may leave its road unfit for others, so the next gets a new one. Whether all were as they should be.
 */
export async function runEdition({ scenarios, minutes, seed }: Edition, say: Say): Promise<boolean> {
  const began = Date.now();
  const end = minutes === 0 ? Number.POSITIVE_INFINITY : began + minutes * 60_000;
  const possible = scenarios.filter(({ without }) => without?.() === undefined);
  say(`seed=${seed} scenarios=${scenarios.length}${minutes === 0 ? '' : ` minutes=${minutes}`}`);
  for (const { name, without } of scenarios) {
    const why = without?.();
    if (why !== undefined) say(`${name}: skipped, ${why}`);
  }
  const times = new Map<Scenario, number>();
  const failed: string[] = [];
  let number = 0;
  try {
    for (const scenario of minutes === 0 ? byStage(possible) : rounds(possible, seed)) {
      if (Date.now() >= end) break;
      const before = times.get(scenario) ?? 0;
      times.set(scenario, before + 1);
      const road = await roadOf(scenario.stage);
      const random = seeded(seed + before * ROUND + SCENARIOS.indexOf(scenario));
      number += 1;
      const result = await runScenario(road, scenario, { number, random, tell: (line) => say(`  ${line}`) });
      say(printResult(scenario.name, result));
      if (result.wrong.length === 0) continue;
      failed.push(scenario.name);
      for (const line of result.wrong) say(`  wrong: ${line}`);
      if (process.env.KHIDI_FLOW_KEEP === 'yes') say(`  kept: ${road.instance.folder}`);
      await endRoad();
    }
  } finally {
    await endRoad();
  }
  const untouched = possible.filter((scenario) => !times.has(scenario)).map(({ name }) => name);
  if (untouched.length > 0) say(`no time for: ${untouched.join(', ')}`);
  const skipped = scenarios.length - possible.length;
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  say(`disturb: well=${number - failed.length} failed=${failed.length} skipped=${skipped} seed=${seed} (${seconds} s)`);
  if (failed.length > 0) say(`not as they should be: ${failed.join(', ')}`);
  return failed.length === 0;
}

/** The road that runs now, or starts. */
let standing: { readonly stage: StageName; readonly road: Promise<Road> } | undefined;

async function roadOf(stage: StageName): Promise<Road> {
  if (standing?.stage !== stage) {
    await endRoad();
    standing = { stage, road: startRoad(stage) };
  }
  return standing.road;
}

/** Ends the road that runs, if one does. */
export async function endRoad(): Promise<void> {
  const ending = standing;
  standing = undefined;
  await (await ending?.road)?.stop();
}
