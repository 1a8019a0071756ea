import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { seeded } from '../flow/parcels.js';
import { seeAlerts } from './alerts.js';
import { HELP, readWish, type Wish } from './options.js';
import { selfCheck } from './planted.js';
import { type Road, startRoad } from './road.js';
import { printResult, runScenario } from './run-scenario.js';
import type { Scenario } from './scenario.js';
import { ELSEWHERE, SCENARIOS } from './scenarios.js';
import { soak } from './soak.js';
import type { StageName } from './stages.js';

/** The road that runs now, or starts. */
let standing: Promise<Road> | undefined;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What became of all scenarios. */
interface Outcome {
  well: number;
  skipped: number;
  readonly failed: string[];
}

async function run({ scenarios, minutes, seed }: Extract<Wish, { kind: 'run' }>): Promise<number> {
  const began = Date.now();
  const possible = scenarios.filter(({ without }) => without?.() === undefined);
  const ms = minutes === 0 ? 0 : (minutes * 60_000) / Math.max(1, possible.length);
  say(`seed=${seed} scenarios=${scenarios.length}${minutes === 0 ? '' : `, ${(ms / 1000).toFixed(0)} s each`}`);
  const outcome: Outcome = { well: 0, skipped: scenarios.length - possible.length, failed: [] };
  for (const { name, without } of scenarios) {
    const why = without?.();
    if (why !== undefined) say(`${name}: skipped, ${why}`);
  }
  const random = seeded(seed);
  for (const stage of new Set(possible.map((scenario) => scenario.stage)))
    await onStage(
      stage,
      possible.filter((scenario) => scenario.stage === stage),
      { ms, random },
      outcome,
    );
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  say(`disturb: well=${outcome.well} failed=${outcome.failed.length} skipped=${outcome.skipped} seed=${seed} (${seconds} s)`);
  if (outcome.failed.length > 0) say(`not as they should be: ${outcome.failed.join(', ')}`);
  return outcome.failed.length === 0 ? 0 : 1;
}

/** Scenarios of one stage share a road; one that ends ill may leave it unfit for others, so they get a new one. */
async function onStage(
  stage: StageName,
  scenarios: readonly Scenario[],
  { ms, random }: { readonly ms: number; readonly random: () => number },
  outcome: Outcome,
): Promise<void> {
  let road: Road | undefined;
  try {
    for (const scenario of scenarios) {
      standing ??= startRoad(stage);
      road = await standing;
      const index = SCENARIOS.indexOf(scenario) + 1;
      const result = await runScenario(road, scenario, { index, ms, random, tell: (line) => say(`  ${line}`) });
      say(printResult(scenario.name, result));
      if (result.wrong.length === 0) outcome.well += 1;
      else {
        outcome.failed.push(scenario.name);
        for (const line of result.wrong) say(`  wrong: ${line}`);
        if (process.env.KHIDI_FLOW_KEEP === 'yes') say(`  kept: ${road.instance.folder}`);
        await road.stop();
        road = undefined;
        standing = undefined;
      }
    }
  } finally {
    standing = undefined;
    await road?.stop();
  }
}

async function main(args: readonly string[]): Promise<number> {
  let wish: Wish;
  try {
    wish = readWish(args, SCENARIOS, () => randomInt(1, 2 ** 32));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}\n`);
    return 1;
  }
  switch (wish.kind) {
    case 'help':
      say(HELP);
      return 0;
    case 'list':
      for (const { name, faults, what } of SCENARIOS) say(`${name.padEnd(20)} ${faults.join(',').padEnd(6)} ${what}`);
      for (const [fault, why] of Object.entries(ELSEWHERE)) say(`${'-'.padEnd(20)} ${fault.padEnd(6)} ${why}`);
      return 0;
    case 'alerts':
      if (spawnSync('prometheus', ['--version']).error !== undefined) {
        say('skipped: prometheus is not installed (Debian package prometheus)');
        return 0;
      }
      return (await seeAlerts(wish.provocations, seeded(wish.seed), say)).length === 0 ? 0 : 1;
    case 'soak': {
      say(`seed=${wish.seed} records=${wish.records}`);
      const wrong = await soak(wish, seeded(wish.seed), say);
      for (const line of wrong) say(`wrong: ${line}`);
      return wrong.length === 0 ? 0 : 1;
    }
    case 'self-check':
      return (await selfCheck(wish.plants, say)).length === 0 ? 0 : 1;
    case 'run':
      return run(wish);
  }
}

/** What was started goes with us, also when somebody has seen enough. */
function stopOn(name: 'SIGINT' | 'SIGTERM'): void {
  process.once(name, () => {
    say(`${name}: everything is stopped`);
    void (standing ?? Promise.resolve(undefined)).then((road) => road?.stop()).finally(() => process.exit(1));
  });
}

stopOn('SIGINT');
stopOn('SIGTERM');
process.exitCode = await main(process.argv.slice(2));
