/**
 * What the index holds. Nothing in it is known from here alone: leaves are copied from the tiles, members from the outcomes topics,
 * and `followed` says how far either has been copied. Times are seconds since 1970.
 */
export const TABLES = [
  `create table if not exists leaf (
     idx bigint primary key, kind text not null, id text not null, iss text, jti text, type text, member text, fault text,
     s256 text not null, t bigint not null)`,
  'create index if not exists leaf_exchange on leaf (jti, iss)',
  'create index if not exists leaf_time on leaf (t)',
  'create index if not exists leaf_type on leaf (type, idx)',
  'create index if not exists leaf_member on leaf (member, idx)',
  'create table if not exists exchange (jti text primary key, member text not null)',
  'create index if not exists exchange_member on exchange (member)',
  'create table if not exists followed (source text primary key, next bigint not null)',
] as const;
