import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The end of one service's log, without what nobody vouches for. */
export interface LogEnd {
  readonly lines: readonly Readonly<Record<string, string | number | boolean>>[];
  /** Lines that are no log events of ours (of Node, of a crash), and fields that no event of ours has. */
  readonly leftOut: { readonly lines: number; readonly fields: number };
}

const MAX_BYTES = 256 * 1024;
const MAX_LINES = 500;

/** The fields of our log events that say what happened to a machine; all others stay at home. */
const FIELDS = new Set(
  (
    'level time service pid event error code type at detail fault reason topic partition offset from to count records bytes ' +
    'size budget group signal step dependency subsystem subsystems members topics partitions versions leaves knew bound ' +
    'namespace label context correlation kid purpose state act store issuer made witness why secondsLeft url host found pointer next'
  ).split(' '),
);

/** Reads the last events of a log file; a file that is not there has none. */
export function logEnd(file: string): LogEnd {
  const lines: LogEnd['lines'][number][] = [];
  const leftOut = { lines: 0, fields: 0 };
  for (const line of endOf(file).slice(-MAX_LINES)) {
    const event = eventOf(line);
    if (event === undefined) {
      leftOut.lines += 1;
      continue;
    }
    const kept = Object.entries(event).filter(
      (field): field is [string, string | number | boolean] => FIELDS.has(field[0]) && typeof field[1] !== 'object',
    );
    leftOut.fields += Object.keys(event).length - kept.length;
    lines.push(Object.fromEntries(kept));
  }
  return { lines, leftOut };
}

function eventOf(line: string): object | undefined {
  try {
    const event: unknown = JSON.parse(line);
    const isOurs = typeof event === 'object' && event !== null && 'level' in event && 'service' in event && 'event' in event;
    return isOurs ? event : undefined;
  } catch {
    return undefined; // Node itself, or a crash
  }
}

/** Only the end is read, since a log may be larger than the memory; its first line is whole or left out. */
function endOf(file: string): string[] {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return []; // it never started; its finding says so
  }
  try {
    const { size } = fstatSync(handle);
    const start = Math.max(0, size - MAX_BYTES);
    const bytes = Buffer.alloc(size - start);
    const read = readSync(handle, bytes, 0, bytes.length, start);
    const lines = bytes.subarray(0, read).toString('utf8').split('\n').filter(Boolean);
    return start === 0 ? lines : lines.slice(1);
  } finally {
    closeSync(handle);
  }
}
