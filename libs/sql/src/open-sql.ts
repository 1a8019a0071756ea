import type { Secret } from '#settings';
import { pglite } from './pglite.adapter.js';
import { postgres } from './postgres.adapter.js';
import type { Sql } from './sql.js';

/** The server that the address names, otherwise a PostgreSQL in this process with its files in `folder`. Rejects where that cannot be opened. */
export async function openSql(folder: string, databaseUrl: Secret | undefined): Promise<Sql> {
  return databaseUrl === undefined ? pglite(folder) : postgres(databaseUrl);
}

/** What `open` makes of it; where that fails it is closed again, and this rejects with the same. */
export async function openOn<T>(folder: string, databaseUrl: Secret | undefined, open: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = await openSql(folder, databaseUrl);
  try {
    return await open(sql);
  } catch (error) {
    await sql.close();
    throw error;
  }
}
