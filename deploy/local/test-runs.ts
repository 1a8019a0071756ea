/** One run of jest. */
export interface TestRun {
  readonly args: readonly string[];
  /** True when its tests start Kafka or Redis. */
  readonly needsServers: boolean;
}

/** Projects that only compute, and those that start servers of their own and mostly wait for them. */
const LIGHT = ['unit', 'conformance'];
const HEAVY = ['stream', 'flow'];
/** Minutes long, and hard on the whole machine (full disks, wrong clocks): run alone, where it is asked for by name. */
const ON_REQUEST = ['disturbance'];
/** Two files at a time, on any machine: jest would take one worker for two cores, and more than a broker each can bear for many. */
const SIDE_BY_SIDE = ['--maxWorkers=2'];
const ALONE = ['--runInBand'];

/**
 * Splits one wish into runs of jest, so that no server waits behind a computation. `--selectProjects a b` narrows each; everything
 * else is passed on to all.
 */
export function planRuns(args: readonly string[]): readonly TestRun[] {
  const { selected, others } = readSelection(args);
  const chosen = (projects: readonly string[]) => projects.filter((name) => selected.length === 0 || selected.includes(name));
  const light = chosen(LIGHT);
  const heavy = chosen(HEAVY);
  const asked = ON_REQUEST.filter((name) => selected.includes(name));
  const run = (projects: readonly string[], needsServers: boolean, more: readonly string[]): readonly TestRun[] =>
    projects.length === 0
      ? []
      : [{ needsServers, args: [...others, ...more, '--passWithNoTests', '--selectProjects', ...projects] }];
  return [...run(light, false, SIDE_BY_SIDE), ...run(heavy, true, SIDE_BY_SIDE), ...run(asked, true, ALONE)];
}

function readSelection(args: readonly string[]): { selected: readonly string[]; others: readonly string[] } {
  const at = args.indexOf('--selectProjects');
  if (at < 0) return { selected: [], others: args };
  const after = args.slice(at + 1);
  const end = after.findIndex((arg) => ![...LIGHT, ...HEAVY, ...ON_REQUEST].includes(arg));
  const count = end < 0 ? after.length : end;
  return { selected: after.slice(0, count), others: [...args.slice(0, at), ...after.slice(count)] };
}
