import { invalid } from '../problem.js';
import { IDENTIFIER_KEYWORD } from '../vocabulary.js';
import type { PlainSchema } from './plain.js';
import type { Plain } from './units.js';

type Schema = Plain | boolean;

const LISTS = ['allOf', 'anyOf', 'oneOf'] as const;
const ITEM_KEYWORDS = ['prefixItems', 'items', 'unevaluatedItems'] as const;
/** Below these a schema is tried, and its answer may not count. */
const TRIALS = ['anyOf', 'oneOf', 'not', 'if', 'contains', 'propertyNames'] as const;
const CONDITIONAL = ['anyOf', 'oneOf', 'not', 'if', 'then', 'else'] as const;
const SINGLES = ['not', 'if', 'then', 'else'] as const;

/** A plain schema read as a graph: what is applied to the same value, and what to the value below. */
export class SchemaGraph {
  private readonly closures = new Map<Schema, readonly Plain[]>();
  readonly root: Schema;

  constructor(private readonly plain: PlainSchema['schema']) {
    this.root = this.target(plain.$ref);
  }

  /** All schemas that are applied to the value that `schema` is applied to, itself included. */
  closure(schema: Schema): readonly Plain[] {
    const known = this.closures.get(schema);
    if (known !== undefined) return known;
    const found = new Set<Plain>();
    const waiting = [schema];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (typeof next === 'boolean' || found.has(next)) continue;
      found.add(next);
      waiting.push(...this.beside(next));
    }
    const closure = [...found];
    this.closures.set(schema, closure);
    return closure;
  }

  /** Throws SCHEMA_INVALID where a schema leads back to itself without going deeper into the record. */
  refuseLoops(): void {
    const finished = new Set<Schema>();
    const entered = new Set<Schema>();
    const visit = (schema: Schema): void => {
      if (finished.has(schema)) return;
      if (entered.has(schema)) throw invalid('$ref leads back to itself without going deeper', undefined, '$ref');
      entered.add(schema);
      if (typeof schema === 'object') this.beside(schema).forEach(visit);
      entered.delete(schema);
      finished.add(schema);
    };
    Object.values(this.plain.$defs).forEach(visit);
  }

  /**
   * Throws SCHEMA_INVALID where ajv may lose count of the items that were looked at: `unevaluatedItems` with `contains`, or
   * with other item keywords in a branch or behind a reference. A yes that rests on a wrong count is worse than a refusal.
   */
  refuseUncountable(): void {
    for (const schema of this.everySchema()) {
      if (schema.unevaluatedItems === undefined) continue;
      const isUncountable = (other: Plain): boolean =>
        other.contains !== undefined || (other !== schema && ITEM_KEYWORDS.some((keyword) => other[keyword] !== undefined));
      if (this.closure(schema).some(isUncountable))
        throw invalid(
          'unevaluatedItems cannot be judged exactly beside contains, or with items in a branch',
          undefined,
          'unevaluatedItems',
        );
    }
  }

  /** Throws SCHEMA_INVALID where an identifier is asked for below a keyword that only tries: a warning from there could be wrong. */
  refuseTriedIdentifiers(): void {
    const seen = new Set<unknown>();
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return;
      seen.add(value);
      const schema = value as Plain;
      if (IDENTIFIER_KEYWORD in schema)
        throw invalid(
          `${IDENTIFIER_KEYWORD} stands below ${TRIALS.join(', ')}, where it may not count`,
          undefined,
          IDENTIFIER_KEYWORD,
        );
      if (typeof schema.$ref === 'string') visit(this.target(schema.$ref));
      Object.values(schema).forEach(visit);
    };
    for (const schema of this.everySchema()) for (const keyword of TRIALS) visit(schema[keyword]);
  }

  /**
   * Throws SCHEMA_INVALID where ajv loses count of members: `unevaluatedProperties` with `patternProperties` in a branch, whose members it
   * takes for looked at even where the branch does not hold.
   */
  refuseUncountableMembers(): void {
    for (const schema of this.everySchema()) {
      if (schema.unevaluatedProperties === undefined) continue;
      const branches = this.closure(schema).flatMap((one) => [
        ...CONDITIONAL.flatMap((keyword) => (one[keyword] === undefined ? [] : Object.values({ ...[one[keyword]].flat() }))),
        ...Object.values((one.dependentSchemas as Record<string, Schema> | undefined) ?? {}),
      ]) as Schema[];
      if (branches.some((branch) => this.closure(branch).some((one) => one.patternProperties !== undefined)))
        throw invalid(
          'unevaluatedProperties cannot be judged exactly beside patternProperties in a branch',
          undefined,
          'unevaluatedProperties',
        );
    }
  }

  private everySchema(): Plain[] {
    const found: Plain[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Array.isArray(value)) found.push(value as Plain);
      Object.values(value).forEach(visit);
    };
    visit(this.plain.$defs);
    return found;
  }

  private beside(schema: Plain): Schema[] {
    const found: Schema[] = [];
    if (typeof schema.$ref === 'string') found.push(this.target(schema.$ref));
    for (const keyword of LISTS) found.push(...((schema[keyword] as Schema[] | undefined) ?? []));
    for (const keyword of SINGLES) if (schema[keyword] !== undefined) found.push(schema[keyword] as Schema);
    found.push(...Object.values((schema.dependentSchemas as Record<string, Schema> | undefined) ?? {}));
    return found;
  }

  private target(reference: string): Schema {
    return this.plain.$defs[reference.slice('#/$defs/'.length)] ?? true;
  }
}
