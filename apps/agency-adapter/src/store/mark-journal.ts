import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '#faults';

/** A key and a value as they will stand in the store. */
export type Entry = readonly [key: string, value: string];

const NAMES = ['marks-0.ndjson', 'marks-1.ndjson'] as const;
const OWNER_ONLY = 0o600;

interface Part {
  readonly path: string;
  readonly fd: number;
  size: number;
}

/**
 * Two files that hold entries until the store has them, one line each. Appending is one `write` in this thread, some microseconds: the
 * entry is with the operating system and outlives this process, as what LevelDB writes does. One file grows while what stands in the
 * other is taken over. Whoever has the store's lock has these files.
 */
export class MarkJournal {
  private readonly parts: readonly Part[];
  private growing = 0;

  constructor(folder: string) {
    this.parts = NAMES.map((name) => {
      const path = join(folder, name);
      const fd = openSync(path, 'a', OWNER_ONLY);
      return { path, fd, size: fstatSync(fd).size };
    });
  }

  /** What an earlier process left here. A last line that was cut off belongs to nobody: its writer had not gone on. Throws SETTINGS_INVALID. */
  left(): Entry[] {
    return this.parts.flatMap(({ path }) => {
      const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
      try {
        return lines.map((line) => JSON.parse(line) as Entry);
      } catch {
        throw new FaultError('SETTINGS_INVALID', `${path} is damaged; without it only marks "accepted" are lost`);
      }
    });
  }

  /** All of them or none. Throws what the disk says. */
  append(entries: readonly Entry[]): void {
    const part = this.parts[this.growing] as Part;
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(part.fd, bytes, at);
      part.size += bytes.length;
    } catch (error) {
      ftruncateSync(part.fd, part.size); // a half line would spoil the one after it
      throw error;
    }
  }

  /** From now on the other file grows, where it is empty. Gives what empties this one once the store has all that was appended until now. */
  turn(): () => void {
    const taken = this.growing;
    const other = 1 - taken;
    if (this.parts[other]?.size === 0) this.growing = other;
    return () => this.empty(other === this.growing ? taken : other);
  }

  /** Forgets everything. */
  clear(): void {
    for (const index of this.parts.keys()) this.empty(index);
  }

  close(): void {
    for (const { fd } of this.parts) closeSync(fd);
  }

  private empty(index: number): void {
    const part = this.parts[index] as Part;
    ftruncateSync(part.fd, 0);
    part.size = 0;
  }
}
