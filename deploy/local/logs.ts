import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The last lines of a log file, at most 16 KiB of it; empty when there is none. */
export function lastLines(file: string, count = 15): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const size = Math.min(fstatSync(fd).size, 16_384);
      const bytes = Buffer.alloc(size);
      readSync(fd, bytes, 0, size, fstatSync(fd).size - size);
      return bytes.toString('utf8').trimEnd().split('\n').slice(-count).join('\n');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
