import { readFileSync, readlinkSync } from 'node:fs';

/** Linux counts processor time for programs in hundredths of a second, whatever its kernel does inside. */
const TICK_MS = 10;

/** The number under which the system knows the thread that calls this; undefined where it does not say (only Linux does). */
export function ownThread(): number | undefined {
  try {
    return Number(/\/task\/([0-9]+)$/.exec(readlinkSync('/proc/thread-self'))?.[1] ?? Number.NaN) || undefined;
  } catch {
    return undefined;
  }
}

/** The processor time that a thread of this process has used, in milliseconds; undefined where the system does not say. */
export function threadTime(thread: number | undefined): number | undefined {
  if (thread === undefined) return undefined;
  try {
    // The name of the thread, in brackets, may hold anything; what follows it is numbers.
    const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks * TICK_MS : undefined;
  } catch {
    return undefined;
  }
}
