import { execa } from 'execa';
import { ROOT } from './root.js';
import { runTask } from './run-task.js';

/** One rule of the house and the command that proves it. */
interface Rule {
  readonly name: string;
  prove(): PromiseLike<{ readonly failed: boolean; readonly all: string }>;
}

const $ = execa({ cwd: ROOT, preferLocal: true, reject: false, all: true, stdin: 'ignore', env: { NO_COLOR: '1' } });

// The slow ones first, so that two at a time end together.
const RULES: readonly Rule[] = [
  {
    name: 'dependency direction',
    prove: () => $`depcruise apps libs deploy test examples --config .dependency-cruiser.cjs`,
  },
  { name: 'promises and switches', prove: () => $`oxlint --type-aware --quiet apps libs deploy test examples` },
  { name: 'unused exports', prove: () => $`knip --no-progress --no-config-hints` },
  { name: 'types', prove: () => $`npm run -s types` },
  { name: 'format and lint', prove: () => $`biome ci --colors=off` },
];
const AT_ONCE = 2;

/** Runs every rule, two at a time, and prints a line each; the output of a rule is shown only when it fails. */
async function check(): Promise<number> {
  const begun = Date.now();
  const waiting = [...RULES];
  let failures = 0;
  const worker = async () => {
    for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
      if (!(await holds(rule))) failures += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(`${failures === 0 ? 'All rules hold' : `${failures} of ${RULES.length} rules are broken`} (${since(begun)}).`);
  return failures === 0 ? 0 : 1;
}

async function holds({ name, prove }: Rule): Promise<boolean> {
  const begun = Date.now();
  const { failed, all } = await prove();
  console.log(`${failed ? '✖' : '✔'} ${name} (${since(begun)})`);
  if (failed) console.log(`${all}\n`);
  return !failed;
}

const since = (begun: number) => `${((Date.now() - begun) / 1000).toFixed(1)} s`;

await runTask(check);
