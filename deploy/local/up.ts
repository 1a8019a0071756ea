import { openState } from './instance.js';
import { upOnlyRegistry } from './only-registry.js';
import { UP_HELP, upOptions } from './options.js';
import { KHIDI_FOLDER } from './root.js';
import { runTask } from './run-task.js';
import { showTheWay } from './show.js';
import { claim } from './state.js';
import { runSteps } from './up-steps.js';

/** Brings a whole instance up, or what of it does not run, and shows the way of a record. */
async function up(args: readonly string[]): Promise<number> {
  const options = upOptions(args);
  if (options.help) {
    console.log(UP_HELP);
    return 0;
  }
  if (options.only !== undefined) return upOnlyRegistry(options.only);
  const begun = Date.now();
  const release = claim(KHIDI_FOLDER);
  try {
    const state = openState();
    await runSteps(state, options);
    console.log(`\nEverything runs (${Math.round((Date.now() - begun) / 1000)} s).\n`);
    await showTheWay(state);
  } finally {
    release();
  }
  return 0;
}

await runTask(() => up(process.argv.slice(2)));
