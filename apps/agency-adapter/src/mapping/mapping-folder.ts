import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '#faults';
import { readJsonFile } from '#settings';
import { type Mapping, readMapping } from './mapping-file.js';

const FILE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})\.json$/;

/**
 * All mappings of a folder by the names of their files without `.json`; none where there is no folder. Throws SETTINGS_INVALID that
 * names every mistake.
 */
export function readMappings(folder: string): ReadonlyMap<string, Mapping> {
  const mappings = new Map<string, Mapping>();
  const mistakes: string[] = [];
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const name = FILE.exec(file)?.[1];
    if (name === undefined) continue;
    const read = readMapping(name, readJsonFile(join(folder, file)));
    if ('mistakes' in read) mistakes.push(...read.mistakes);
    else mappings.set(name, read.mapping);
  }
  if (mistakes.length > 0) throw new FaultError('SETTINGS_INVALID', `mappings: ${mistakes.join('; ')}`);
  return mappings;
}
