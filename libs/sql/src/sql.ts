/** One row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** A PostgreSQL, wherever it runs. Both forms take the same statements, with `$1`, `$2` … for values. */
export interface Sql {
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** What `work` does is kept as a whole or not at all. */
  transaction(work: (query: Sql['query']) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
