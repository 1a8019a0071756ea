import { FaultError } from '#faults';
import { followFile, readJsonFile } from '#settings';
import { describeError, type Logger } from '#telemetry';
import { type Callers, readCallers } from './credentials.js';

/** Who may call, from a callers file; nobody where `file` is empty. `user` says in the fault what its names are. Throws SETTINGS_INVALID. */
export function readCallersFile(file: string, user = '<user>'): Callers {
  const callers = file === '' ? new Map<never, never>() : readCallers(readJsonFile(file));
  if (callers === undefined) throw new FaultError('SETTINGS_INVALID', `${file} is not {"${user}": ["sha-256:…"]}`);
  return callers;
}

/** The same as the file says it now. */
export function followCallers(file: string, log: Pick<Logger, 'error'>): () => Callers {
  if (file === '') return () => new Map();
  return followFile(file, (path) => readCallersFile(path), {
    onMistake: (error) => log.error('a callers file is mistaken; the last good one stays', describeError(error)),
  }).current;
}
