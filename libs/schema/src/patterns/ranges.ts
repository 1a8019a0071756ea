/** A set of code points: sorted, disjoint, inclusive ranges, flattened as `[from, to, from, to, …]`. */
export type Ranges = readonly number[];

const LAST = 0x10ffff;

/** Sorts and merges ranges that were collected in any order. */
export function union(...sets: readonly Ranges[]): Ranges {
  const pairs: [number, number][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) pairs.push([set[i] ?? 0, set[i + 1] ?? 0]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [from, to] of pairs) {
    const end = merged.at(-1);
    if (end !== undefined && from <= end + 1) merged[merged.length - 1] = Math.max(end, to);
    else merged.push(from, to);
  }
  return merged;
}

/** Everything that is not in `set`. */
export function complement(set: Ranges): Ranges {
  const rest: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    const from = set[i] ?? 0;
    if (from > next) rest.push(next, from - 1);
    next = (set[i + 1] ?? 0) + 1;
  }
  if (next <= LAST) rest.push(next, LAST);
  return rest;
}

/** Whether no code point is in both sets. */
export function disjoint(a: Ranges, b: Ranges): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if ((a[i + 1] ?? 0) < (b[j] ?? 0)) i += 2;
    else if ((b[j + 1] ?? 0) < (a[i] ?? 0)) j += 2;
    else return false;
  }
  return true;
}

const code = (char: string): number => char.codePointAt(0) ?? 0;

/** What ECMA-262 means by `\d`, `\w`, `\s` and `.` in unicode mode without flags. */
export const DIGIT: Ranges = [code('0'), code('9')];
export const WORD: Ranges = union(DIGIT, [code('A'), code('Z')], [code('_'), code('_')], [code('a'), code('z')]);
export const SPACE: Ranges = union(
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
);
export const LINE_END: Ranges = union([0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]);

const properties = new Map<string, Ranges>();

let points = '';

/** A text of all code points in order, surrogates left out. Kept, since patterns come in families that ask for several properties. */
function everyPoint(): string {
  if (points !== '') return points;
  const parts: string[] = [];
  for (let from = 0; from <= LAST; from += 0x800) {
    if (from !== 0xd800) parts.push(String.fromCodePoint(...Array.from({ length: 0x800 }, (_, i) => from + i)));
  }
  points = parts.join('');
  return points;
}

const isLow = (unit: string): boolean => (unit.charCodeAt(0) & 0xfc00) === 0xdc00;

/**
 * The code points of `\p{name}`, asked of the platform once, so that the sets mean the same here as in any ECMA-262 engine.
 * Surrogates are left out: no strict JSON text contains them alone. Throws SyntaxError for a property that does not exist.
 */
export function property(name: string): Ranges {
  const known = properties.get(name);
  if (known !== undefined) return known;
  const run = new RegExp(`\\p{${name}}+`, 'gu');
  const found: number[] = [];
  // The text holds every code point in order, so that each run of matches is a range.
  for (const [points] of everyPoint().matchAll(run))
    found.push(points.codePointAt(0) ?? 0, points.codePointAt(points.length - (isLow(points.at(-1) ?? '') ? 2 : 1)) ?? 0);
  properties.set(name, found);
  return found;
}
