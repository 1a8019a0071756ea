import { charge } from '../meter.js';

/**
 * A text that is equal for two JSON values exactly where JSON Schema calls them equal: members in any order, numbers by value,
 * own members only. Its cost is charged to the meter. (ajv's own comparison asks values for `constructor` and `valueOf`, which a
 * record may contain as members.)
 */
export function identityOf(value: unknown): string {
  charge(1);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(identityOf).join(',')}]`;
  const members = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${identityOf(members[name])}`).join(',')}}`;
}

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Says in constant time for scalars whether a value is one of those given. */
export function memberOf(values: readonly unknown[]): (value: unknown) => boolean {
  const scalars = new Set(values.filter(isScalar));
  const others = new Set(values.filter((value) => !isScalar(value)).map(identityOf));
  return (value) => (isScalar(value) ? scalars.has(value) : others.size > 0 && others.has(identityOf(value)));
}

/** Up to so many scalars are compared with each other, which is quicker than a set. */
const FEW = 8;

/** Whether no two items are equal. Takes time in proportion to the items, not to their square. */
export function areUnique(items: readonly unknown[]): boolean {
  charge(items.length);
  if (items.length < 2) return true;
  if (items.length <= FEW && items.every(isScalar)) return items.every((item, i) => items.indexOf(item) === i);
  const scalars = new Set<unknown>();
  const others = new Set<string>();
  for (const item of items) {
    if (isScalar(item) ? scalars.size === scalars.add(item).size : others.size === others.add(identityOf(item)).size)
      return false;
  }
  return true;
}
