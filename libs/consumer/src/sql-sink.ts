import type { Delivery } from './delivery.js';
import type { Applied, Sink, SinkPosition } from './sink.js';

/** One connection to PostgreSQL, as `pg` and PGlite have it. */
export interface SqlConnection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The tables in which the sink remembers. They stand beside the consumer's own, since they must change in the same transaction. */
export const SINK_TABLES = `
CREATE TABLE IF NOT EXISTS khidi_position (topic text PRIMARY KEY, next_offset bigint NOT NULL, number bigint NOT NULL);
CREATE TABLE IF NOT EXISTS khidi_exchange (iss text, jti text, number bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (iss, jti));
CREATE TABLE IF NOT EXISTS khidi_subject (sub text PRIMARY KEY, seq bigint NOT NULL);
`;

/**
 * A sink in PostgreSQL. `effect` writes what a delivery changes in the consumer's own tables, by the connection that it is given: its
 * writes, the marks of the exchanges and the position are one transaction. The connection is the sink's alone.
 */
export function sqlSink<T>(sql: SqlConnection, effect: (sql: SqlConnection, delivery: Delivery<T>) => Promise<void>): Sink<T> {
  const applyOne = async (delivery: Delivery<T>): Promise<Applied> => {
    const { iss, jti, number, sub, seq } = delivery;
    const isNew = await some(
      sql,
      'INSERT INTO khidi_exchange (iss, jti, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
      [iss, jti, number],
    );
    if (!isNew) return 'repeated';
    const isNext = await some(
      sql,
      'INSERT INTO khidi_subject (sub, seq) VALUES ($1, $2) ' +
        'ON CONFLICT (sub) DO UPDATE SET seq = EXCLUDED.seq WHERE khidi_subject.seq < EXCLUDED.seq RETURNING 1',
      [sub, seq],
    );
    if (!isNext) return 'late';
    await effect(sql, delivery);
    return 'applied';
  };

  return {
    async position(topic) {
      const { rows } = await sql.query('SELECT next_offset, number FROM khidi_position WHERE topic = $1', [topic]);
      const [row] = rows as { next_offset: unknown; number: unknown }[];
      return row === undefined ? undefined : { offset: BigInt(String(row.next_offset)), number: Number(row.number) };
    },
    async apply(topic, batch, from, to) {
      await sql.query('BEGIN');
      try {
        if (!(await moved(sql, topic, from, to))) throw new Error('another consumer applies the same topic');
        const applied: Applied[] = [];
        for (const delivery of batch) applied.push(await applyOne(delivery));
        await sql.query('COMMIT');
        return applied;
      } catch (error) {
        await sql.query('ROLLBACK').catch(() => undefined); // the first error says more
        throw error;
      }
    },
  };
}

/** Sets the position, if it is still where it was; the row stays locked until the transaction ends. */
function moved(sql: SqlConnection, topic: string, from: SinkPosition | undefined, to: SinkPosition): Promise<boolean> {
  const next = [topic, String(to.offset), to.number];
  return from === undefined
    ? some(sql, 'INSERT INTO khidi_position VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1', next)
    : some(sql, 'UPDATE khidi_position SET next_offset = $2, number = $3 WHERE topic = $1 AND next_offset = $4 RETURNING 1', [
        ...next,
        String(from.offset),
      ]);
}

const some = async (sql: SqlConnection, text: string, values: unknown[]): Promise<boolean> =>
  (await sql.query(text, values)).rows.length > 0;
