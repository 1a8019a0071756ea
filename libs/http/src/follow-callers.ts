import { FaultError } from '#faults';
import { followFile, readJsonFile } from '#settings';
import { describeError, type Logger } from '#telemetry';
import { type Callers, readCallers } from './credentials.js';

/** Who may call, as a callers file says it now; nobody where `file` is empty. Throws SETTINGS_INVALID. */
export function followCallers(file: string, log: Pick<Logger, 'error'>): () => Callers {
  if (file === '') return () => new Map();
  return followFile(file, readCallersFile, {
    onMistake: (error) => log.error('a callers file is mistaken; the last good one stays', describeError(error)),
  }).current;
}

function readCallersFile(file: string): Callers {
  const callers = readCallers(readJsonFile(file));
  if (callers === undefined) throw new FaultError('SETTINGS_INVALID', `${file} is not {"<user>": ["sha-256:…"]}`);
  return callers;
}
