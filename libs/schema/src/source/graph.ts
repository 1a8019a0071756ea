import { invalid } from '../problem.js';
import { IDENTIFIER_KEYWORD } from '../vocabulary.js';
import type { PlainSchema } from './plain.js';
import { type Plain, targetOf } from './units.js';

type Schema = Plain | boolean;

const LISTS = ['allOf', 'anyOf', 'oneOf'] as const;
/** Below these a schema is tried, and its answer may not count. */
const TRIALS = ['anyOf', 'oneOf', 'not', 'if', 'contains', 'propertyNames'] as const;
const SINGLES = ['not', 'if', 'then', 'else'] as const;

/** A plain schema read as a graph: what is applied to the same value, and what to the value below. */
export class SchemaGraph {
  private readonly closures = new Map<Schema, readonly Plain[]>();
  readonly root: Schema;

  constructor(private readonly plain: PlainSchema['schema']) {
    this.root = targetOf(plain, plain.$ref);
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
      if (typeof schema.$ref === 'string') visit(targetOf(this.plain, schema.$ref));
      Object.values(schema).forEach(visit);
    };
    for (const schema of this.everySchema()) for (const keyword of TRIALS) visit(schema[keyword]);
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
    if (typeof schema.$ref === 'string') found.push(targetOf(this.plain, schema.$ref));
    for (const keyword of LISTS) found.push(...((schema[keyword] as Schema[] | undefined) ?? []));
    for (const keyword of SINGLES) if (schema[keyword] !== undefined) found.push(schema[keyword] as Schema);
    found.push(...Object.values((schema.dependentSchemas as Record<string, Schema> | undefined) ?? {}));
    return found;
  }
}
