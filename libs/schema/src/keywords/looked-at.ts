import { charge, membersOf } from '../meter.js';
import type { Matcher } from '../patterns/matcher.js';
import type { PlainSchema } from '../source/plain.js';
import { type Plain, targetOf } from '../source/units.js';

type Schema = Plain | boolean;

/** Whether a branch accepts a value; asked again about the same value it answers from memory. */
export type Holds = (branch: Schema, value: unknown) => boolean;

const BRANCHES = ['anyOf', 'oneOf'] as const;

/**
 * Which members and items of a value the other keywords have looked at, as JSON Schema 2020-12 section 11 defines it. ajv keeps this
 * account in generated code that loses count: some schemas made it throw, and some let values pass that nothing had looked at. So
 * it is worked out here, after the value was judged, from the schema and from which of its branches hold.
 */
export class LookedAt {
  constructor(
    private readonly plain: PlainSchema,
    private readonly holds: Holds,
  ) {}

  /** The names of the members that keywords beside `unevaluatedProperties` in `schema` have looked at; true for all of them. */
  members(schema: Plain, value: object): ReadonlySet<string> | true {
    const found = new Set<string>();
    const names = Object.keys(value);
    const isAll = (one: Plain): boolean => {
      charge(1 + membersOf(value));
      if (one.additionalProperties !== undefined) return true;
      const properties = (one.properties ?? {}) as object;
      const patterns = Object.keys((one.patternProperties ?? {}) as object).map((pattern) => this.matcher(pattern));
      for (const name of names)
        if (Object.hasOwn(properties, name) || patterns.some((pattern) => pattern?.test(name) === true)) found.add(name);
      return this.beside(one, value).some((next) => next.unevaluatedProperties !== undefined || isAll(next));
    };
    return isAll(schema) || found;
  }

  /** The numbers of the items that keywords beside `unevaluatedItems` in `schema` have looked at; true for all of them. */
  items(schema: Plain, value: readonly unknown[]): ReadonlySet<number> | true {
    const found = new Set<number>();
    const isAll = (one: Plain): boolean => {
      charge(1 + membersOf(value));
      if (one.items !== undefined) return true;
      for (let i = 0; i < Math.min(value.length, listOf(one.prefixItems).length); i += 1) found.add(i);
      // Draft 2019-09 does not say of `contains` that it looks at items.
      if (one.contains !== undefined && this.plain.countsContained)
        for (const [i, item] of value.entries()) if (this.holds(one.contains as Schema, item)) found.add(i);
      return this.beside(one, value).some((next) => next.unevaluatedItems !== undefined || isAll(next));
    };
    return isAll(schema) || found;
  }

  /** The schemas that count for the same value as `schema` does: not those in branches that do not hold. */
  private beside(schema: Plain, value: object): Plain[] {
    const found: Schema[] = [...listOf(schema.allOf)];
    if (typeof schema.$ref === 'string') found.push(targetOf(this.plain.schema, schema.$ref));
    for (const keyword of BRANCHES) found.push(...listOf(schema[keyword]).filter((branch) => this.holds(branch, value)));
    if (schema.if !== undefined) {
      const isSo = this.holds(schema.if as Schema, value);
      if (isSo) found.push(schema.if as Schema);
      found.push((isSo ? schema.then : schema.else) as Schema);
    }
    for (const [name, below] of Object.entries((schema.dependentSchemas ?? {}) as Record<string, Schema>))
      if (!Array.isArray(value) && Object.hasOwn(value, name)) found.push(below);
    return found.filter((one): one is Plain => typeof one === 'object');
  }

  private matcher(pattern: string): Matcher | undefined {
    return this.plain.patterns.get(pattern);
  }
}

/** The branches that must be asked again to know what was looked at, in all schemas that ask for it. */
export function askedBranches({ schema: plain }: PlainSchema): Plain[] {
  const asked = new Set<Plain>();
  const seen = new Set<Schema>();
  const gather = (schema: Schema | undefined): void => {
    if (typeof schema !== 'object' || seen.has(schema)) return;
    seen.add(schema);
    const branches = [...BRANCHES.flatMap((keyword) => listOf(schema[keyword])), schema.if as Schema, schema.contains as Schema];
    for (const branch of branches) if (typeof branch === 'object') asked.add(branch);
    if (typeof schema.$ref === 'string') gather(targetOf(plain, schema.$ref));
    for (const next of [...BRANCHES, 'allOf' as const].flatMap((keyword) => listOf(schema[keyword]))) gather(next);
    for (const next of [schema.if, schema.then, schema.else]) gather(next as Schema | undefined);
    for (const next of Object.values((schema.dependentSchemas ?? {}) as Record<string, Schema>)) gather(next);
  };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('unevaluatedProperties' in value || 'unevaluatedItems' in value) gather(value as Plain);
    Object.values(value).forEach(visit);
  };
  visit(plain.$defs);
  return [...asked];
}

const listOf = (value: unknown): readonly Schema[] => (Array.isArray(value) ? (value as Schema[]) : []);
