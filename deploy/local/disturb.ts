import { runProgram } from './run-program.js';
import { runTask } from './run-task.js';

/** Runs the disturbances on servers of their own: `npm run disturb`, `npm run disturb -- --minutes 10`. */
await runTask(() => {
  const args = process.argv.slice(2);
  const onlyAsks = args.some((arg) => arg === '--help' || arg === '--list');
  return runProgram({ file: 'test/harness/disturb.js', args, nodeArgs: ['--max-old-space-size=6144'], onlyAsks });
});
