import { join } from 'node:path';
import { execa } from 'execa';
import { environmentOf, prepareMachine } from './prepare.js';
import { ROOT } from './root.js';
import { runTask } from './run-task.js';

/** Runs the disturbances on servers of their own: `npm run disturb`, `npm run disturb -- --minutes 10`. */
async function disturb(args: readonly string[]): Promise<number> {
  const asks = args.some((arg) => arg === '--help' || arg === '--list');
  const env = asks ? {} : environmentOf(await prepareMachine({ kafka: true, redis: true }, (line) => console.log(`  ${line}`)));
  const program = join(ROOT, 'dist', 'test', 'harness', 'disturb.js');
  const run = await execa(process.execPath, ['--enable-source-maps', '--max-old-space-size=6144', program, ...args], {
    ...{ cwd: ROOT, env, stdio: 'inherit', reject: false },
  });
  return run.exitCode ?? 1;
}

await runTask(() => disturb(process.argv.slice(2)));
