import type { Node } from '../model/atoms.js';
import { Builder, type Plain, type Schema } from '../model/build.js';
import type { Pool } from '../model/pool.js';
import type { Opened } from '../opened.js';
import type { ContentModel } from '../verdict.js';

const MEMBERS = ['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties'];
/** Keywords that mean nothing without others. */
const TOGETHER: readonly (readonly string[])[] = [
  ['contains', 'minContains', 'maxContains'],
  ['if', 'then', 'else'],
  ['prefixItems', 'items'],
];
const MAX_SHOWN = 100;

/** One of the two versions while their parts are walked side by side. */
export class Side {
  private readonly builder: Builder;

  constructor(
    readonly of: 'earlier' | 'candidate',
    private readonly opened: Opened,
    pool: Pool,
    isExact: boolean,
  ) {
    this.builder = new Builder(pool, opened.schema, isExact ? opened.texts : []);
  }

  /** The schema as a whole. */
  root(): Schema {
    return { $ref: `#/$defs/${this.opened.schema.root}` };
  }

  /** What a part that is nothing but a reference leads to, and the names on the way. */
  follow(schema: Schema): { readonly part: Schema; readonly name: string } {
    let part = schema;
    let name = '';
    for (let i = 0; i < 100 && typeof part === 'object' && typeof part.$ref === 'string' && keywordsOf(part).length === 1; i++) {
      name = part.$ref.slice('#/$defs/'.length);
      part = (this.opened.schema.defs[name] ?? true) as Schema;
    }
    return { part, name };
  }

  node(schema: Schema): Node {
    return this.builder.node(schema);
  }

  /** What one keyword of a part demands by itself. */
  only(part: Plain, keyword: string): Node {
    return this.builder.excerpt(part, TOGETHER.find((keywords) => keywords.includes(keyword)) ?? [keyword]);
  }

  /** What a part demands of the member of one name, and of nothing else. */
  onlyMember(part: Plain, name: string): Node {
    const own = (part.properties as Record<string, Schema> | undefined)?.[name];
    const patterns = Object.entries((part.patternProperties as Record<string, Schema> | undefined) ?? {});
    const found = patterns.filter(([pattern]) => this.opened.schema.matches(pattern, name)).map(([, schema]) => schema);
    if (own !== undefined) found.push(own);
    const rest = (part.additionalProperties ?? part.unevaluatedProperties ?? true) as Schema;
    return this.builder.node({ properties: { [name]: { allOf: found.length > 0 ? found : [rest] } } });
  }

  /** What a part demands of members that neither version declares. */
  onlyRest(part: Plain, keyword: string, declared: readonly string[]): Node {
    const properties = Object.fromEntries(declared.map((name) => [name, true]));
    const patterns = Object.keys((part.patternProperties as object | undefined) ?? {}).map((pattern) => [pattern, true]);
    return this.builder.node({
      properties,
      patternProperties: Object.fromEntries(patterns),
      additionalProperties: part[keyword] ?? true,
    });
  }

  pointer(part: Plain, keyword: string, name?: string): string {
    const origin = this.opened.schema.originOf(part, keyword);
    if (origin === undefined) return '#';
    return this.opened.pointerOf(name === undefined ? origin : { ...origin, path: [...origin.path, name] });
  }
}

/** How a part treats members that it does not declare. */
export function contentModelOf(part: Plain): ContentModel {
  const rest = part.additionalProperties ?? part.unevaluatedProperties ?? true;
  if (part.patternProperties !== undefined) return 'partly open';
  if (rest === false) return 'closed';
  return rest === true || (typeof rest === 'object' && rest !== null && keywordsOf(rest as Plain).length === 0)
    ? 'open'
    : 'partly open';
}

/** The keywords of a plain part that somebody wrote. */
export function keywordsOf(part: Plain): string[] {
  return Object.keys(part).filter((keyword) => keyword !== 'x-units');
}

/** The value of a keyword as short JSON. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (key, below: unknown) => (key === 'x-units' ? undefined : below)) ?? '';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** Whether a keyword is about members and is compared member by member. */
export const isAboutMembers = (keyword: string): boolean => MEMBERS.includes(keyword);
