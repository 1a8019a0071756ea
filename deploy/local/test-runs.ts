/** One run of jest. */
export interface TestRun {
  readonly args: readonly string[];
  /** True when its tests start Kafka or Redis. */
  readonly needsServers: boolean;
}

/** Projects that may share the machine, and those that start servers and measure, which run one file after another. */
const LIGHT = ['unit', 'conformance'];
const HEAVY = ['stream', 'flow'];
/** Minutes long: run where it is asked for by name. */
const ON_REQUEST = ['disturbance'];

/**
 * Splits one wish into runs of jest: light projects in parallel, heavy ones in band. `--selectProjects a b` narrows both;
 * everything else is passed on to each run.
 */
export function planRuns(args: readonly string[]): readonly TestRun[] {
  const { selected, others } = readSelection(args);
  const chosen = (projects: readonly string[]) => projects.filter((name) => selected.length === 0 || selected.includes(name));
  const light = chosen(LIGHT);
  const heavy = [...chosen(HEAVY), ...ON_REQUEST.filter((name) => selected.includes(name))];
  const run = (projects: readonly string[], needsServers: boolean, more: readonly string[]): readonly TestRun[] =>
    projects.length === 0
      ? []
      : [{ needsServers, args: [...others, ...more, '--passWithNoTests', '--selectProjects', ...projects] }];
  return [...run(light, false, []), ...run(heavy, true, ['--runInBand'])];
}

function readSelection(args: readonly string[]): { selected: readonly string[]; others: readonly string[] } {
  const at = args.indexOf('--selectProjects');
  if (at < 0) return { selected: [], others: args };
  const after = args.slice(at + 1);
  const end = after.findIndex((arg) => ![...LIGHT, ...HEAVY, ...ON_REQUEST].includes(arg));
  const count = end < 0 ? after.length : end;
  return { selected: after.slice(0, count), others: [...args.slice(0, at), ...after.slice(count)] };
}
