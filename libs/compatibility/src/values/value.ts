import { Decimal } from './decimal.js';

/** A JSON value with exact numbers. Objects are maps, so that no member name is special. */
export type Value = null | boolean | string | Decimal | readonly Value[] | ReadonlyMap<string, Value>;

/** The kinds of JSON values as bits; whole numbers and others are told apart, since `integer` does. */
export const TYPES = { null: 1, boolean: 2, integer: 4, fraction: 8, string: 16, array: 32, object: 64 } as const;
export const ANY_TYPE = 127;
export const NUMBER = TYPES.integer | TYPES.fraction;

/** The bit of the kind that a value is of. */
export function typeOf(value: Value): number {
  if (value === null) return TYPES.null;
  if (typeof value === 'boolean') return TYPES.boolean;
  if (typeof value === 'string') return TYPES.string;
  if (value instanceof Decimal) return value.exponent >= 0 ? TYPES.integer : TYPES.fraction;
  return isList(value) ? TYPES.array : TYPES.object;
}

/** Whether a value is an array (`Array.isArray` does not narrow read-only ones). */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a value is an object. */
export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** JSON text of a value, members in their order. */
export function textOf(value: Value): string {
  if (value instanceof Decimal) return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(textOf).join(',')}]`;
  return `{${[...value].map(([name, below]) => `${JSON.stringify(name)}:${textOf(below)}`).join(',')}}`;
}

/** A text that two values share exactly where JSON Schema calls them equal. */
export function identityOf(value: Value): string {
  if (value === null || typeof value !== 'object' || value instanceof Decimal) return textOf(value);
  if (isList(value)) return `[${value.map(identityOf).join(',')}]`;
  const members = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, below]) => `${JSON.stringify(name)}:${identityOf(below)}`).join(',')}}`;
}

/** What JSON.parse gave, as a value. */
export function fromJson(json: unknown): Value {
  if (typeof json === 'number') return Decimal.from(json);
  if (json === null || typeof json === 'boolean' || typeof json === 'string') return json;
  if (Array.isArray(json)) return json.map(fromJson);
  return new Map(Object.entries(json as object).map(([name, below]) => [name, fromJson(below)]));
}

/** Whether all numbers in a value are such that a double holds them. */
export function isInDoubles(value: Value): boolean {
  if (value instanceof Decimal) return value.isDouble();
  if (value === null || typeof value !== 'object') return true;
  return isList(value) ? value.every(isInDoubles) : [...value.values()].every(isInDoubles);
}

/** The number of characters (code points) of a text. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 1; i < text.length; i++)
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) length--;
  return length;
}
