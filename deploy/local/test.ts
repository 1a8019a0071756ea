import { join } from 'node:path';
import { execa } from 'execa';
import { environmentOf, prepareMachine } from './prepare.js';
import { ROOT } from './root.js';
import { runTask } from './run-task.js';
import { planRuns } from './test-runs.js';

/** Runs all tests: `npm test`, or a part: `npm test -- --selectProjects unit`, `npm test -- libs/record`. */
async function test(args: readonly string[]): Promise<number> {
  const runs = planRuns(args);
  const env = runs.some((run) => run.needsServers) ? await servers() : {};
  let status = 0;
  for (const { args: own } of runs) {
    const jest = [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...own];
    const { exitCode = 1 } = await execa(process.execPath, jest, { cwd: ROOT, env, stdio: 'inherit', reject: false });
    status ||= exitCode;
  }
  return status;
}

/** Tests start brokers of their own in folders of their own; they only need to know where the programs are. */
async function servers(): Promise<Record<string, string>> {
  const machine = await prepareMachine({ kafka: true, redis: true }, (line) => console.log(`  ${line}`));
  return environmentOf(machine);
}

await runTask(() => test(process.argv.slice(2)));
