import { join } from 'node:path';
import type { Secret } from '#settings';
import { openSql } from '#sql';
import { UsageIndex } from './usage-index.js';

/** Where the index lives: on the server that the address names, otherwise in this process. Rejects where it cannot be opened. */
export async function openUsage(folder: string, databaseUrl: Secret | undefined): Promise<UsageIndex> {
  const sql = await openSql(join(folder, 'sql'), databaseUrl);
  try {
    return await UsageIndex.open(sql);
  } catch (error) {
    await sql.close();
    throw error;
  }
}

/** The file whose presence asks for the index to be made anew; whoever may write there may ask. */
export const rebuildFile = (folder: string): string => join(folder, 'rebuild-usage');
