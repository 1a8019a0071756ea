import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Instance, instanceFile, readInstance } from '#settings';
import { Missing } from './missing.js';
import { isAlive, type ProcessIdentity, startTime } from './processes.js';

/**
 * The written memory of one local instance. Every change is on disk before the next step, so that an `up` that was cut off
 * anywhere leaves a description of all that it started.
 */
export class State {
  private constructor(
    readonly folder: string,
    private instance: Instance,
  ) {}

  /** Reads what an earlier run left, or begins with `fresh`. Throws SETTINGS_INVALID where it was written by something else. */
  static open(folder: string, fresh: Instance): State {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new State(folder, readInstance(folder) ?? fresh);
  }

  get current(): Instance {
    return this.instance;
  }

  /** Changes some members and writes the whole file in one step. */
  change(members: Partial<Instance>): void {
    this.replace({ ...this.instance, ...members });
  }

  /** Like {@link change}, but members that are absent are forgotten. */
  replace(instance: Instance): void {
    this.instance = instance;
    const file = instanceFile(this.folder);
    const next = `${file}.next`;
    writeFileSync(next, `${JSON.stringify(this.instance, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(next, file);
  }

  /** Remembers which port a part has. */
  rememberPort(part: string, port: number): void {
    this.change({ ports: { ...this.instance.ports, [part]: port } });
  }
}

/**
 * Lets only one `up` or `down` at a time work on a folder. Gives the function that ends the claim; a claim whose process is
 * gone counts for nothing. Throws {@link Missing} where another one is at work.
 */
export function claim(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'claim.json');
  const self: ProcessIdentity = { pid: process.pid, started: startTime(process.pid) ?? '' };
  for (;;) {
    try {
      const fd = openSync(file, 'wx', 0o600);
      writeSync(fd, JSON.stringify(self));
      closeSync(fd);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder)) {
        throw new Missing(`Another command (process ${holder.pid}) is at work on this instance: wait until it has ended.`);
      }
      rmSync(file, { force: true });
    }
  }
}

function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined; // cut off while it was written, or just released
  }
}
