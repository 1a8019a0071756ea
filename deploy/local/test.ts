import { join } from 'node:path';
import { execa } from 'execa';
import { SHORT_LIVED_JAVA } from './kafka.js';
import { ROOT } from './root.js';
import { serverPrograms } from './run-program.js';
import { runTask } from './run-task.js';
import { planRuns } from './test-runs.js';

/** Far more than any run needs: a test that leaves something open must not hold up whoever waits for the answer. */
const LIMIT_MS = 20 * 60_000;

/** Runs all tests: `npm test`, or a part: `npm test -- --selectProjects unit`, `npm test -- libs/record`. */
async function test(args: readonly string[]): Promise<number> {
  const runs = planRuns(args);
  const env = {
    // A Kafka is up with 3.6 instead of 5.9 seconds of processor time (measured). The launcher reads this since Java 9.
    JDK_JAVA_OPTIONS: `${SHORT_LIVED_JAVA} ${process.env.JDK_JAVA_OPTIONS ?? ''}`.trim(),
    ...(runs.some((run) => run.needsServers) ? await serverPrograms() : {}),
  };
  let status = 0;
  for (const { args: own } of runs) {
    const jest = [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...own];
    const run = await execa(process.execPath, jest, { cwd: ROOT, env, stdio: 'inherit', reject: false, timeout: LIMIT_MS });
    if (run.timedOut) console.error(`The tests did not end within ${LIMIT_MS / 60_000} minutes and were stopped.`);
    status ||= run.exitCode ?? 1;
  }
  return status;
}

await runTask(() => test(process.argv.slice(2)));
