/**
 * What the index holds: one row for each delivery, at the place where its line stands in `handovers`, and how far that topic has been
 * copied. Nothing in it is known from here alone. Times are milliseconds since 1970; `shown_from` is 0 where no law delays it.
 */
export const TABLES = [
  `create table if not exists usage_entry (
     pos bigint not null, nth int not null, subject text not null, at bigint not null, shown_from bigint not null,
     type text not null, consumer text not null, purpose text not null, agreement text not null, primary key (pos, nth))`,
  `create index if not exists usage_of_subject on usage_entry (subject, at desc, pos desc, nth desc) include (shown_from, type)`,
  // How many rows of `usage_entry` a subject has: counting a hundred thousand of them at each question takes half of its time.
  `create table if not exists usage_total (
     subject text not null, type text not null, shown_from bigint not null, n bigint not null, primary key (subject, type, shown_from))`,
  `insert into usage_total select subject, type, shown_from, count(*) from usage_entry
   where not exists (select 1 from usage_total) group by subject, type, shown_from`,
  'create table if not exists usage_followed (source text primary key, next bigint not null)',
] as const;
