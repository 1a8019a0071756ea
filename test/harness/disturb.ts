import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { seeded } from '../flow/parcels.js';
import { seeAlerts } from './alerts.js';
import { endRoad, runEdition } from './edition.js';
import { HELP, readWish, type Wish } from './options.js';
import { selfCheck } from './planted.js';
import { ELSEWHERE, SCENARIOS } from './scenarios.js';
import { soak } from './soak.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

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
      return (await runEdition(wish, say)) ? 0 : 1;
  }
}

/** What was started goes with us, also when somebody has seen enough. */
function stopOn(name: 'SIGINT' | 'SIGTERM'): void {
  process.once(name, () => {
    say(`${name}: everything is stopped`);
    void endRoad().finally(() => process.exit(1));
  });
}

stopOn('SIGINT');
stopOn('SIGTERM');
process.exitCode = await main(process.argv.slice(2));
