import type { Leaf } from '#evidence';
import type { Row, Sql } from '#sql';
import { originOfRefusal } from './origin-of-refusal.js';
import { TABLES } from './tables.js';

/** What leaves are asked for by; all that is given must hold. Times are seconds since 1970, `to` is not included. */
export interface LeafQuery {
  readonly kind?: string;
  readonly type?: string;
  readonly member?: string;
  readonly iss?: string;
  readonly jti?: string;
  readonly fault?: string;
  readonly from?: number;
  readonly to?: number;
  /** Only leaves from this index on. */
  readonly start: number;
  readonly limit: number;
}

/** A leaf as the index knows it. */
export interface IndexedLeaf {
  readonly index: number;
  readonly kind: string;
  readonly id: string;
  readonly type?: string;
  /** The agency that sent the record; of an envelope it is only known while the outcomes topic keeps what its member was told. */
  readonly member?: string;
  readonly fault?: string;
  readonly at: number;
}

const LEAVES = 'leaves';

/** Which leaves there are, by exchange, time, type and member: a copy of the log in SQL that can always be made again. */
export class LeafIndex {
  private constructor(private readonly sql: Sql) {}

  /** Opens it and makes its tables where they are missing. Rejects where the database does not answer. */
  static async open(sql: Sql): Promise<LeafIndex> {
    for (const statement of TABLES) await sql.query(statement);
    return new LeafIndex(sql);
  }

  /** How many leaves of the log it has. */
  async size(): Promise<number> {
    return Number(await this.followed(LEAVES));
  }

  /** How far an input has been copied. */
  async followed(source: string): Promise<bigint> {
    const [row] = await this.sql.query('select next from followed where source = $1', [source]);
    return BigInt(String(row?.next ?? 0));
  }

  /** Adds leaves that follow those it has. Adding the same ones again changes nothing. */
  async add(first: number, leaves: readonly Leaf[]): Promise<void> {
    const rows = leaves.map((leaf, i) => columns(first + i, leaf));
    const all = rows[0]?.map((_, column) => rows.map((row) => row[column])) ?? [];
    await this.sql.transaction(async (query) => {
      if (rows.length > 0)
        await query(
          `insert into leaf (idx, kind, id, iss, jti, type, member, fault, s256, t)
           select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])
           on conflict (idx) do nothing`,
          all,
        );
      await follow(query, LEAVES, BigInt(first + leaves.length));
    });
  }

  /** Notes whose record each exchange was, and that `source` has been read up to `next`. */
  async attribute(source: string, next: bigint, exchanges: readonly (readonly [jti: string, member: string])[]): Promise<void> {
    await this.sql.transaction(async (query) => {
      if (exchanges.length > 0)
        await query(
          'insert into exchange (jti, member) select * from unnest($1::text[], $2::text[]) on conflict (jti) do nothing',
          [exchanges.map(([jti]) => jti), exchanges.map(([, member]) => member)],
        );
      await follow(query, source, next);
    });
  }

  /** Whether the leaf at `index` is this one, as far as the index knows. */
  async has(index: number, { id, s256 }: Leaf): Promise<boolean> {
    const rows = await this.sql.query('select 1 from leaf where idx = $1 and id = $2 and s256 = $3', [index, id, s256]);
    return rows.length === 1;
  }

  /** The leaves that a query asks for, in the order of the log. */
  async find({ kind, type, member, iss, jti, fault, from, to, start, limit }: LeafQuery): Promise<readonly IndexedLeaf[]> {
    const rows = await this.sql.query(
      `select idx, kind, id, type, coalesce(leaf.member, exchange.member) as member, fault, t
       from leaf left join exchange using (jti)
       where idx >= $1
         and ($3::text is null or kind = $3) and ($4::text is null or type = $4)
         and ($5::text is null or leaf.member = $5 or exchange.member = $5)
         and ($6::text is null or iss = $6) and ($7::text is null or jti = $7) and ($8::text is null or fault = $8)
         and ($9::bigint is null or t >= $9) and ($10::bigint is null or t < $10)
       order by idx limit $2`,
      [start, limit, ...[kind, type, member, iss, jti, fault, from, to].map((value) => value ?? null)],
    );
    return rows.map(leafOf);
  }

  /** Forgets everything, as before the first leaf. */
  async clear(): Promise<void> {
    await this.sql.query('truncate leaf, exchange, followed');
  }

  close(): Promise<void> {
    return this.sql.close();
  }
}

/** What has been copied never becomes less, whoever copies. */
async function follow(query: Sql['query'], source: string, next: bigint): Promise<void> {
  await query(
    `insert into followed (source, next) values ($1, $2)
     on conflict (source) do update set next = greatest(followed.next, excluded.next)`,
    [source, String(next)],
  );
}

function columns(index: number, { k, id, s256, t, type, f }: Leaf): unknown[] {
  const [iss, jti] = k === 'record' || (k === 'conflict' && id.split('|').length === 3) ? id.split('|') : [];
  const origin = originOfRefusal(id);
  return [index, k, id, iss ?? null, jti ?? null, type ?? origin?.type ?? null, origin?.member ?? null, f ?? null, s256, t];
}

function leafOf(row: Row): IndexedLeaf {
  const text = (name: string) => (typeof row[name] === 'string' ? { [name]: row[name] } : {});
  return {
    index: Number(row.idx),
    kind: String(row.kind),
    id: String(row.id),
    ...text('type'),
    ...text('member'),
    ...text('fault'),
    at: Number(row.t),
  };
}
