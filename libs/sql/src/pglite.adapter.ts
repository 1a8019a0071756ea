import { mkdir } from 'node:fs/promises';
import type { Sql } from './sql.js';

/** Small buffers: the default is made for a server, and all of it is taken at once. */
const START = ['-c', 'shared_buffers=2MB'];

/** PostgreSQL in this process (PGlite), with its files in `folder`, which nobody else may open meanwhile. */
export async function pglite(folder: string): Promise<Sql> {
  const { PGlite } = await import('@electric-sql/pglite'); // 25 MB: only for whoever asked for it
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const db = await PGlite.create({ dataDir: folder, startParams: [...PGlite.defaultStartParams, ...START] });
  return {
    query: async (text, values = []) => (await db.query<Record<string, unknown>>(text, [...values])).rows,
    transaction: (work) =>
      db.transaction(async (tx) => {
        await work(async (text, values = []) => (await tx.query<Record<string, unknown>>(text, [...values])).rows);
      }),
    close: () => db.close(),
  };
}
