import { join } from 'node:path';
import type { Secret } from '#settings';
import { openSql } from '#sql';
import { LeafIndex } from './leaf-index.js';

/** Where the index lives: on the server that the address names, otherwise in this process. Rejects where it cannot be opened. */
export async function openIndex(storeFolder: string, databaseUrl: Secret | undefined): Promise<LeafIndex> {
  const sql = await openSql(join(storeFolder, 'sql'), databaseUrl);
  try {
    return await LeafIndex.open(sql);
  } catch (error) {
    await sql.close();
    throw error;
  }
}

/** The file whose presence asks for the index to be made anew; whoever may write there may ask. */
export const rebuildFile = (storeFolder: string): string => join(storeFolder, 'rebuild-index');
