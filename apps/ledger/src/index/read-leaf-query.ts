import type { LeafQuery } from './leaf-index.js';

/** What may be asked for, for whoever asked for something else. */
export const LEAF_QUERY =
  'kind, type, member, iss, jti, fault (texts), from, to (RFC 3339), start (an index), limit (1 to 1000): each at most once';

const TEXTS = ['kind', 'type', 'member', 'iss', 'jti', 'fault'] as const;
const TIMES = ['from', 'to'] as const;
const MOST = 1000;
const USUAL = 100;
const LONGEST = 256;

/** The parameters of a search for leaves; undefined where one is unknown, repeated or malformed. */
export function readLeafQuery(query: Readonly<Record<string, unknown>>): LeafQuery | undefined {
  const read: Record<string, string | number> = { start: 0, limit: USUAL };
  for (const [name, value] of Object.entries(query)) {
    const known = typeof value === 'string' && value.length <= LONGEST ? readOne(name, value) : undefined;
    if (known === undefined) return undefined;
    read[name] = known;
  }
  return read as unknown as LeafQuery;
}

function readOne(name: string, value: string): string | number | undefined {
  if (TEXTS.some((known) => known === name)) return value.includes('\0') ? undefined : value;
  if (TIMES.some((known) => known === name)) {
    const time = Math.floor(Date.parse(value) / 1000);
    return /^\d{4}-\d{2}-\d{2}/.test(value) && Number.isSafeInteger(time) ? time : undefined;
  }
  const number = /^(0|[1-9][0-9]{0,14})$/.test(value) ? Number(value) : undefined;
  if (name === 'start') return number;
  return name === 'limit' && number !== undefined && number >= 1 && number <= MOST ? number : undefined;
}
