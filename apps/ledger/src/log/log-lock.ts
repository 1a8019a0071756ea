import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { FaultError } from '#faults';

/** Beside the tiles, so that whoever shares the folder shares the lock; the log itself never has such a name. */
export const LOCK = '.lock';

/** The right to write the files of a log. */
export interface LogLock {
  release(): Promise<void>;
}

/**
 * Takes the folder of a log for this process alone. Kafka fences a second ledger only when it decides, and tiles are written before: one
 * with an index of its own would have written over those of the first by then. LevelDB locks by the operating system, so that the lock of a process that is
 * killed is free at once, and that of one that stands still is not. Throws LOG_FENCED where another one has it.
 */
export async function lockLog(folder: string): Promise<LogLock> {
  const db = new ClassicLevel(join(folder, LOCK));
  try {
    await db.open();
  } catch (error) {
    await db.close();
    if (isLocked(error)) throw new FaultError('LOG_FENCED', 'another process has its folder', { cause: error });
    throw new FaultError('LOG_STORE_UNAVAILABLE', 'lock', { cause: error });
  }
  return { release: () => db.close() };
}

function isLocked(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && error.code === 'LEVEL_LOCKED') return true;
  return 'cause' in error && isLocked(error.cause);
}
