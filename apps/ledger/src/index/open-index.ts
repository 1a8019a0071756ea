import { join } from 'node:path';
import type { Secret } from '#settings';
import { openOn } from '#sql';
import { LeafIndex } from './leaf-index.js';

/** Where the index lives: on the server that the address names, otherwise in this process. Rejects where it cannot be opened. */
export function openIndex(storeFolder: string, databaseUrl: Secret | undefined): Promise<LeafIndex> {
  return openOn(join(storeFolder, 'sql'), databaseUrl, (sql) => LeafIndex.open(sql));
}

/** The file whose presence asks for the index to be made anew; whoever may write there may ask. */
export const rebuildFile = (storeFolder: string): string => join(storeFolder, 'rebuild-index');
