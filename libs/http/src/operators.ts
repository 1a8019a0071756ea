import { FaultError } from '#faults';
import { readJsonFile } from '#settings';
import { type Callers, readCallers } from './credentials.js';

/** Who may change a running service, from a callers file; nobody where `file` is empty. Throws SETTINGS_INVALID. */
export function readOperators(file: string): Callers {
  const operators = file === '' ? new Map() : readCallers(readJsonFile(file));
  if (operators === undefined) throw new FaultError('SETTINGS_INVALID', `${file} is not {"<user>": ["sha-256:…"]}`);
  return operators;
}
