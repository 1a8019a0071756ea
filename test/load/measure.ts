import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** One line of the benchmark's table. `ratio` is value over peer; absent where nothing is compared. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
  readonly ratio?: number;
}

/** A row beside its peer. For durations a ratio below 1 is the better one, for rates above. */
export function row(name: string, value: number, unit: string, peer?: { name: string; value: number }): Row {
  return peer === undefined ? { name, value, unit } : { name, value, unit, peer, ratio: value / peer.value };
}

/** The `q` quantile (0 to 1) of a list of numbers; the list is sorted in place. */
export function quantile(values: number[], q: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(q * values.length))] ?? Number.NaN;
}

/** Resident memory of a process in MiB, from the kernel. */
export function residentMiB(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? Number.NaN) / 1024;
}

/** Processor seconds (user and system) that a process has used so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100; // USER_HZ is 100 on Linux
}

/** How far two hops have come at a moment, in milliseconds and records. */
export interface Sample {
  readonly at: number;
  readonly done: number;
}

/** What the second hop has committed, and whether nothing is left for either hop. */
export interface Progress {
  readonly done: number;
  readonly finished: boolean;
}

/** Asks for progress until everything is finished, and keeps every answer with its time. */
export async function watch(progress: () => Promise<Progress>, tell: (done: number) => void): Promise<Sample[]> {
  const samples: Sample[] = [];
  const end = Date.now() + 15 * 60_000;
  for (;;) {
    const { done, finished } = await progress();
    samples.push({ at: performance.now(), done });
    tell(done);
    if (finished) return samples;
    if (Date.now() > end) throw new Error(`only ${done} records after 15 minutes`);
    await pause(200);
  }
}

/** Records per second between the samples nearest to two counts. */
export function rateBetween(samples: readonly Sample[], from: number, to: number): number {
  const first = samples.find((sample) => sample.done >= from);
  const last = samples.find((sample) => sample.done >= to);
  if (first === undefined || last === undefined || last === first) return Number.NaN;
  return ((last.done - first.done) / (last.at - first.at)) * 1000;
}
