import { join } from 'node:path';
import type { Secret } from '#settings';
import { openOn } from '#sql';
import { UsageIndex } from './usage-index.js';

/** Where the index lives: on the server that the address names, otherwise in this process. Rejects where it cannot be opened. */
export function openUsage(folder: string, databaseUrl: Secret | undefined): Promise<UsageIndex> {
  return openOn(join(folder, 'sql'), databaseUrl, (sql) => UsageIndex.open(sql));
}

/** The file whose presence asks for the index to be made anew; whoever may write there may ask. */
export const rebuildFile = (folder: string): string => join(folder, 'rebuild-usage');
