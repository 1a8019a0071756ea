import { pointerOf } from '#canonical';
import type { Matcher } from './patterns/matcher.js';
import type { SchemaGraph } from './source/graph.js';
import type { Plain } from './source/units.js';

type Schema = Plain | boolean;

/** What stands in a pointer for a name that only the record knows. */
export const UNDECLARED = '*';

/** A step from a value to one below it: the segment that may be shown, and the schemas that may apply there. */
interface Step {
  readonly shown: string | number;
  readonly schemas: readonly Schema[];
}

/**
 * Turns the places of a record into pointers that may be shown. A member's name is shown where `properties` on that way names
 * it; a place in a list is shown as its number; every other name could itself be data and becomes `*`.
 */
export class Pointers {
  constructor(
    private readonly graph: SchemaGraph,
    private readonly patterns: ReadonlyMap<string, Matcher>,
  ) {}

  /** The pointer for the place that `path` (an RFC 6901 pointer as ajv gives it) leads to in `record`, and `more` below it. */
  shown(record: unknown, path: string, more: readonly string[] = []): string {
    let value = record;
    let schemas: readonly Schema[] = [this.graph.root];
    const segments: (string | number)[] = [];
    for (const written of path.split('/').slice(1)) {
      const name = written.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = this.step(value, name, schemas);
      segments.push(step.shown);
      schemas = step.schemas;
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }
    return pointerOf([...segments, ...more]);
  }

  /** Whether `properties` names every segment on the way. */
  isDeclared(segments: readonly string[]): boolean {
    let schemas: readonly Schema[] = [this.graph.root];
    return segments.every((name) => {
      schemas = declaredIn(this.everywhere(schemas), name);
      return schemas.length > 0;
    });
  }

  private step(value: unknown, name: string, schemas: readonly Schema[]): Step {
    const here = this.everywhere(schemas);
    if (Array.isArray(value))
      return { shown: Number(name), schemas: here.flatMap((schema) => itemSchemas(schema, Number(name))) };
    const declared = declaredIn(here, name);
    const others = here.flatMap((schema) => this.undeclared(schema, name));
    return { shown: declared.length > 0 ? name : UNDECLARED, schemas: [...declared, ...others] };
  }

  private everywhere(schemas: readonly Schema[]): readonly Plain[] {
    return [...new Set(schemas.flatMap((schema) => this.graph.closure(schema)))];
  }

  private undeclared(schema: Plain, name: string): Schema[] {
    const found: Schema[] = [];
    for (const [pattern, below] of Object.entries((schema.patternProperties as Record<string, Schema> | undefined) ?? {}))
      if (this.patterns.get(pattern)?.test(name) === true) found.push(below);
    for (const keyword of ['additionalProperties', 'unevaluatedProperties'])
      if (schema[keyword] !== undefined) found.push(schema[keyword] as Schema);
    return found;
  }
}

function declaredIn(schemas: readonly Plain[], name: string): Schema[] {
  const maps = schemas.map(({ properties }) => (properties as Record<string, Schema> | undefined) ?? {});
  return maps.filter((properties) => Object.hasOwn(properties, name)).map((properties) => properties[name] ?? true);
}

function itemSchemas(schema: Plain, index: number): Schema[] {
  const found: Schema[] = [];
  const tuple = schema.prefixItems as Schema[] | undefined;
  const own = tuple?.[index];
  if (own !== undefined) found.push(own);
  for (const keyword of ['items', 'contains', 'unevaluatedItems'])
    if (schema[keyword] !== undefined) found.push(schema[keyword] as Schema);
  return found;
}
