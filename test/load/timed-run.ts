import { cpuSeconds, type Progress, rateBetween, residentMiB, type Sample, watch } from './measure.js';

/** The first part of each run warms its processes up, and the broker; only what follows counts. */
export const WARM = 1 / 8;

/** The processes of a run by name: those of the hops, and the broker's. */
export type Pids = Readonly<Record<string, number>>;

/** What was seen of processes while records went through them. */
export interface Run {
  readonly samples: readonly Sample[];
  /** Records per second after the warm-up. */
  readonly rate: number;
  /** Processor time per record after the warm-up, in microseconds, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** MiB by process, at each sample. */
  readonly memory: readonly { readonly at: number; readonly of: Readonly<Record<string, number>> }[];
}

/** Watches until `progress` is finished; `count` records are expected. */
export async function timed(
  pids: Pids,
  count: number,
  progress: () => Promise<Progress>,
  tell: (text: string) => void,
  what: string,
): Promise<Run> {
  const each = (of: (pid: number) => number): Record<string, number> =>
    Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, of(pid)]));
  const memory: Run['memory'][number][] = [];
  const start = (await progress()).done;
  let warm: { at: number; used: Record<string, number> } | undefined;
  const seen = await watch(progress, (total) => {
    const at = total - start;
    if (at >= count * WARM) warm ??= { at, used: each(cpuSeconds) };
    memory.push({ at, of: each(residentMiB) });
    tell(`${what}: ${at} of ${count}`);
  });
  const end = each(cpuSeconds);
  const samples = seen.map(({ at, done }) => ({ at, done: done - start }));
  const { at, used } = warm ?? { at: count, used: end };
  const done = samples.at(-1)?.done ?? count; // more than expected where other sections had left records on the same topics
  const cpu = Object.fromEntries(
    Object.keys(pids).map((name) => [name, (((end[name] ?? 0) - (used[name] ?? 0)) / (done - at)) * 1e6]),
  );
  return { samples, memory, rate: rateBetween(samples, count * WARM, done), cpu };
}
