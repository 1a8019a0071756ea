import { Pool } from 'pg';
import type { Secret } from '#settings';
import type { Sql } from './sql.js';

const CONNECTIONS = 4;
/** A server that does not answer must not hold up whoever asks for longer. */
const PATIENCE_MS = 10_000;

/** A PostgreSQL server by its address; connections are made when they are needed and made anew after a restart of the server. */
export function postgres(url: Secret): Sql {
  const pool = new Pool({
    connectionString: url.reveal(),
    max: CONNECTIONS,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  pool.on('error', () => undefined); // of an idle connection: whoever asks next gets a new one, or hears of it
  return {
    query: async (text, values = []) => (await pool.query(text, [...values])).rows,
    async transaction(work) {
      const client = await pool.connect();
      const lost = (): void => undefined; // its statements reject; without anybody who listens the process would end
      client.on('error', lost);
      try {
        await client.query('begin');
        await work(async (text, values = []) => (await client.query(text, [...values])).rows);
        await client.query('commit');
        client.off('error', lost);
        client.release();
      } catch (error) {
        client.release(true); // closes the connection, and with it what was begun
        throw error;
      }
    },
    close: () => pool.end(),
  };
}
