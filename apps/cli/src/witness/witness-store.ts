import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NoteKey, openCheckpoint, readNote, type SignedCheckpoint } from '#evidence';
import { FaultError } from '#faults';
import { replaceFile } from '#settings';

/** What a witness has cosigned last, one file for each log. It is on disk before anybody hears of it. */
export class WitnessStore {
  private readonly latest = new Map<string, SignedCheckpoint>();

  /** Reads what was cosigned before. Throws LOG_DIFFERS for a file that the log did not sign: nothing may be cosigned on top of it. */
  constructor(
    private readonly folder: string,
    logs: readonly NoteKey[],
  ) {
    for (const key of logs) {
      const file = this.file(key.name);
      if (!existsSync(file)) continue;
      const checkpoint = openCheckpoint(readFileSync(file, 'utf8'), key);
      if (checkpoint === undefined) throw new FaultError('LOG_DIFFERS', file);
      this.latest.set(key.name, checkpoint);
    }
  }

  get(origin: string): SignedCheckpoint | undefined {
    return this.latest.get(origin);
  }

  /** The whole note as it was cosigned, by the hash of its origin. */
  noteOf(originHash: string): SignedCheckpoint | undefined {
    return [...this.latest].find(([origin]) => hashOf(origin) === originHash)?.[1];
  }

  async keep(checkpoint: SignedCheckpoint, note: string): Promise<void> {
    await replaceFile(this.file(checkpoint.origin), note, 0o600);
    const kept = readNote(note);
    this.latest.set(checkpoint.origin, kept === undefined ? checkpoint : { ...checkpoint, note: kept });
  }

  private file(origin: string): string {
    return join(this.folder, `${hashOf(origin)}.checkpoint`);
  }
}

const hashOf = (origin: string): string => hash('sha256', origin, 'hex');
