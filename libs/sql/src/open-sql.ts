import type { Secret } from '#settings';
import { pglite } from './pglite.adapter.js';
import { postgres } from './postgres.adapter.js';
import type { Sql } from './sql.js';

/** The server that the address names, otherwise a PostgreSQL in this process with its files in `folder`. Rejects where that cannot be opened. */
export async function openSql(folder: string, databaseUrl: Secret | undefined): Promise<Sql> {
  return databaseUrl === undefined ? pglite(folder) : postgres(databaseUrl);
}
