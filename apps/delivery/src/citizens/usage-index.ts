import type { Sql } from '#sql';
import { TABLES } from './tables.js';
import type { UsageEntry } from './usage-entries.js';

/** Whose entries are asked for, and which; times are milliseconds since 1970, `to` is not included. */
export interface UsageQuery {
  /** All names under which the person is known. */
  readonly subjects: readonly string[];
  readonly types: readonly string[];
  readonly from: number;
  readonly to: number;
  /** What a law still delays is neither shown nor counted. */
  readonly now: number;
  readonly offset: number;
  readonly limit: number;
}

/** Some entries, the newest first, and how many there are in all. */
export interface UsagePage {
  readonly total: number;
  readonly entries: readonly Pick<UsageEntry, 'at' | 'type' | 'consumer' | 'purpose' | 'agreement'>[];
}

const SOURCE = 'handovers/0';
const CHOSEN = 'type = any($1) and at >= $2 and at < $3 and shown_from <= $4';
/** So many new rows are worth looking at again: without it a page far behind would read every row instead of the index alone. */
const VACUUM_ROWS = 10_000;

/** Who received whose records: a copy of `handovers` in SQL that can always be made again. */
export class UsageIndex {
  private added = 0;

  private constructor(private readonly sql: Sql) {}

  /** Opens it and makes its tables where they are missing. Rejects where the database does not answer. */
  static async open(sql: Sql): Promise<UsageIndex> {
    for (const statement of TABLES) await sql.query(statement);
    return new UsageIndex(sql);
  }

  /** How far the topic has been copied: the next offset. */
  async followed(): Promise<bigint> {
    const [row] = await this.sql.query('select next from usage_followed where source = $1', [SOURCE]);
    return BigInt(String(row?.next ?? 0));
  }

  /** Adds what stands before `next`. Adding the same again changes nothing. */
  async add(entries: readonly UsageEntry[], next: bigint): Promise<void> {
    const column = (of: (entry: UsageEntry) => unknown) => entries.map(of);
    const columns = [
      ...[column(({ pos }) => String(pos)), column(({ nth }) => nth), column(({ subject }) => subject), column(({ at }) => at)],
      ...[column(({ shownFrom }) => shownFrom), column(({ type }) => type), column(({ consumer }) => consumer)],
      ...[column(({ purpose }) => purpose), column(({ agreement }) => agreement)],
    ];
    await this.sql.transaction(async (query) => {
      if (entries.length > 0)
        await query(
          `with added as (
             insert into usage_entry (pos, nth, subject, at, shown_from, type, consumer, purpose, agreement)
             select * from unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])
             on conflict do nothing returning subject, type, shown_from)
           insert into usage_total (subject, type, shown_from, n)
           select subject, type, shown_from, count(*) from added group by subject, type, shown_from
           on conflict (subject, type, shown_from) do update set n = usage_total.n + excluded.n`,
          columns,
        );
      await query(
        `insert into usage_followed (source, next) values ($1, $2)
         on conflict (source) do update set next = greatest(usage_followed.next, excluded.next)`,
        [SOURCE, String(next)],
      );
    });
    this.added += entries.length;
  }

  /** Tells the planner of what was added meanwhile, where that was much. */
  async settle(): Promise<void> {
    if (this.added < VACUUM_ROWS) return;
    this.added = 0;
    await this.sql.query('vacuum (analyze) usage_entry');
  }

  async find({ subjects, types, from, to, now, offset, limit }: UsageQuery): Promise<UsagePage> {
    const chosen = [types, from, to, now, ...subjects];
    // With one subject, the usual case, `in` lets the planner read the index in its order; with several it has to sort.
    const where = `subject in (${subjects.map((_, i) => `$${i + 5}`).join()}) and ${CHOSEN}`;
    const [skip, most] = [`$${chosen.length + 1}`, `$${chosen.length + 2}`];
    const [counted, rows] = await Promise.all([
      from <= 0 && to === Number.MAX_SAFE_INTEGER
        ? this.total(subjects, types, now)
        : this.sql.query(`select count(*) as total from usage_entry where ${where}`, chosen),
      this.sql.query(
        `select at, type, consumer, purpose, agreement
         from (select pos, nth from usage_entry where ${where}
               order by at desc, pos desc, nth desc offset ${skip} limit ${most}) as page
         join usage_entry using (pos, nth) order by at desc, pos desc, nth desc`,
        [...chosen, offset, limit],
      ),
    ]);
    return {
      total: Number(counted[0]?.total ?? 0),
      entries: rows.map(({ at, type, consumer, purpose, agreement }) => ({
        at: Number(at),
        type: String(type),
        consumer: String(consumer),
        purpose: String(purpose),
        agreement: String(agreement),
      })),
    };
  }

  /** The same as counting all rows, whenever they were. */
  private total(subjects: readonly string[], types: readonly string[], now: number) {
    return this.sql.query(
      'select coalesce(sum(n), 0) as total from usage_total where subject = any($1) and type = any($2) and shown_from <= $3',
      [subjects, types, now],
    );
  }

  /** When the oldest delivery was that it knows, in milliseconds since 1970; undefined where there is none. */
  async oldest(): Promise<number | undefined> {
    const [row] = await this.sql.query('select at from usage_entry order by pos, nth limit 1');
    return row === undefined ? undefined : Number(row.at);
  }

  /** Forgets everything, as before the first line. */
  async clear(): Promise<void> {
    await this.sql.query('truncate usage_entry, usage_total, usage_followed');
  }

  close(): Promise<void> {
    return this.sql.close();
  }
}
