import { UNITS_KEYWORD, type Units } from '../keywords/keywords.js';

/** A plain schema, built anew from the written one: JSON Schema 2020-12 without identifiers, annotations or unknown keywords. */
export type Plain = { [keyword: string]: unknown };

/** What a plain reference leads to. */
export function targetOf(
  { $defs }: { readonly $defs: Readonly<Record<string, Plain | boolean>> },
  reference: string,
): Plain | boolean {
  return $defs[reference.slice('#/$defs/'.length)] ?? true;
}

/** What it costs to apply any schema at all. */
const BASE_UNITS = 3;

const LOOKS_AT_ALL = [
  'additionalProperties',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
  'minProperties',
  'maxProperties',
];

/** How the schemas below a keyword are applied: once with the schema around it, to each item or member, or to the same value again. */
const ONCE = ['properties', 'prefixItems'];
const EACH = [
  'items',
  'contains',
  'additionalProperties',
  'patternProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const AGAIN = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];
/** Keywords that hold one schema; the others above hold a list or a map of them. */
const SINGLE = new Set([...EACH, 'not', 'if', 'then', 'else']);
SINGLE.delete('patternProperties');

/**
 * Puts a price on every schema that may be applied many times to one record: behind a reference, for each item or member, or as one
 * of several branches. Everything else is applied once with the schema around it and is part of that one's price. Where the
 * same value may be looked at again and again, keywords that look at all its members also pay for each of them.
 */
export function priceAll(schemas: Readonly<Record<string, Plain | boolean>>): void {
  const isRootUsed = JSON.stringify(schemas).includes('"#/$defs/s0"');
  for (const [name, schema] of Object.entries(schemas)) price(schema, true, name !== 's0' || isRootUsed);
}

function price(schema: unknown, isRepeated: boolean, isAgain: boolean): void {
  if (typeof schema !== 'object' || schema === null) return;
  const plain = schema as Plain;
  for (const [keywords, repeated, again] of [
    [ONCE, false, isAgain],
    [EACH, true, isAgain],
    [AGAIN, true, true],
  ] as const) {
    for (const keyword of keywords) for (const below of schemasIn(keyword, plain[keyword])) price(below, repeated, again);
  }
  const perMember = isAgain && LOOKS_AT_ALL.some((keyword) => keyword in plain);
  if ((!isRepeated && !perMember) || Object.keys(plain).length === 0) return;
  plain[UNITS_KEYWORD] = { units: BASE_UNITS + unitsOf(plain), perMember } satisfies Units;
}

function schemasIn(keyword: string, value: unknown): unknown[] {
  if (value === undefined) return [];
  return SINGLE.has(keyword) ? [value] : Object.values(value as object);
}

function unitsOf(schema: unknown): number {
  if (typeof schema !== 'object' || schema === null || UNITS_KEYWORD in schema) return 1;
  let units = 1;
  for (const [keyword, value] of Object.entries(schema)) {
    if (ONCE.includes(keyword)) for (const below of Object.values(value as object)) units += unitsOf(below);
    else units += keyword === 'required' && Array.isArray(value) ? value.length : 1;
  }
  return units;
}
