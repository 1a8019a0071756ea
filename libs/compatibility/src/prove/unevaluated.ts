import type { AtomOf, Node, Seen } from '../model/atoms.js';
import type { Pool } from '../model/pool.js';
import { type Literal, no, yes } from './outcome.js';

const MAX_CONDITIONS = 6;

/**
 * What `unevaluatedProperties` means in each case: which of the branches beside it hold decides which members count as
 * looked at, and then it is `additionalProperties`. Undefined where there are too many cases.
 */
export function alternativesOf(pool: Pool, atom: AtomOf<'unevaluatedProperties'>, isWanted: boolean): Literal[][] | undefined {
  const conditions = [...new Set(atom.seen.flatMap(({ when }) => when))];
  if (conditions.length > MAX_CONDITIONS) return undefined;
  const ways: Literal[][] = [];
  for (let bits = 0; bits < 1 << conditions.length; bits++) {
    const holding = new Set(conditions.filter((_, i) => bits & (1 << i)));
    const assumed = conditions.map((node) => (holding.has(node) ? yes(node) : no(node)));
    const members = membersFor(pool, atom, holding);
    if (members === undefined) {
      if (isWanted) ways.push(assumed); // everything was looked at
    } else ways.push([...assumed, isWanted ? yes(members) : no(members)]);
  }
  return ways;
}

function membersFor(pool: Pool, { seen, rest }: AtomOf<'unevaluatedProperties'>, holding: ReadonlySet<Node>): Node | undefined {
  const active: Seen[] = seen.filter(({ when }) => when.every((node) => holding.has(node)));
  if (active.some(({ everything }) => everything)) return undefined;
  const properties = new Map(active.flatMap(({ names }) => names.map((name) => [name, pool.any] as const)));
  const patterns = [...new Set(active.flatMap((one) => one.patterns))].map((pattern) => [pattern, pool.any] as const);
  return pool.node([pool.atom({ kind: 'members', properties, patterns, rest })]);
}
