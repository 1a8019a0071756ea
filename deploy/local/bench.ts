import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Missing } from './missing.js';
import { environmentOf, prepareMachine } from './prepare.js';
import { ROOT } from './root.js';
import { runTask } from './run-task.js';

/** Runs the benchmark on servers of its own: `npm run bench`, `npm run bench -- --json FILE`. */
async function bench(args: readonly string[]): Promise<number> {
  const program = join(ROOT, 'dist', 'test', 'load', 'bench.js');
  if (!existsSync(program)) throw new Missing('There is no benchmark in test/load/bench.ts.');
  const machine = await prepareMachine({ kafka: true, redis: true }, (line) => console.log(`  ${line}`));
  const run = await execa(process.execPath, ['--enable-source-maps', program, ...args], {
    cwd: ROOT,
    env: environmentOf(machine),
    stdio: 'inherit',
    reject: false,
  });
  return run.exitCode ?? 1;
}

await runTask(() => bench(process.argv.slice(2)));
