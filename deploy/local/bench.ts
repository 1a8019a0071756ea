import { runProgram } from './run-program.js';
import { runTask } from './run-task.js';

/** Runs the benchmark on servers of its own: `npm run bench`, `npm run bench -- --json FILE`. */
await runTask(() => runProgram({ file: 'test/load/bench.js', args: process.argv.slice(2) }));
