import { isKnownFormat } from '../formats/formats.js';
import { type Matcher, matcherOf } from '../patterns/matcher.js';
import { PatternSyntax } from '../patterns/syntax.js';
import { invalid } from '../problem.js';
import { IDENTIFIER_KEYWORD, identifierRules, refuseForeignWords } from '../vocabulary.js';
import { type Draft, since } from './drafts.js';
import type { Library } from './library.js';
import { isNode, type Node } from './text.js';
import { type Plain, priceAll } from './units.js';

/** A schema with more parts, all references included, is refused: each part becomes code, and ajv's time grows with its square. */
const MAX_SCHEMAS = 4000;

/** A written schema turned into one self-contained plain schema, and its patterns ready to be asked. */
export interface PlainSchema {
  /** `{$ref: '#/$defs/s0', $defs: {s0, s1, …}}`: every schema that a reference leads to, each once. */
  readonly schema: { readonly $ref: string; readonly $defs: Readonly<Record<string, Plain | boolean>> };
  readonly patterns: ReadonlyMap<string, Matcher>;
  /** Whether an item counts as looked at because `contains` accepts it: from draft 2020-12 on. */
  readonly countsContained: boolean;
  /** The written schema that each plain one was made from. */
  readonly origins: ReadonlyMap<Plain, Node>;
}

/** ajv passes over a property of this name, so it is asked for by pattern. */
const HIDDEN = '__proto__';

/** Keywords that mean the same in every draft that has them, with the first one. */
const SIMPLE: readonly [keyword: string, from: Draft][] = [
  ['type', '04'],
  ['enum', '04'],
  ['const', '06'],
  ['multipleOf', '04'],
  ['maxLength', '04'],
  ['minLength', '04'],
  ['maxItems', '04'],
  ['minItems', '04'],
  ['uniqueItems', '04'],
  ['maxProperties', '04'],
  ['minProperties', '04'],
  ['required', '04'],
  ['dependentRequired', '2019-09'],
];

/** What becomes of a `format` that nobody here can check: an annotation as the standard has it, or a refusal, where records rest on it. */
export type UnknownFormats = 'kept' | 'refused';

/** Writes the schema of a library plainly, whatever draft it is in. Throws SCHEMA_INVALID and SCHEMA_REFERENCE_MISSING. */
export function plainOf(library: Library, unknownFormats: UnknownFormats): PlainSchema {
  return new Plainer(library, unknownFormats).all();
}

class Plainer {
  private readonly names = new Map<Node | boolean, string>();
  private readonly waiting: (Node | boolean)[] = [];
  private readonly patterns = new Map<string, Matcher>();
  private readonly origins = new Map<Plain, Node>();
  private schemas = 0;

  constructor(
    private readonly library: Library,
    private readonly unknownFormats: UnknownFormats,
  ) {}

  all(): PlainSchema {
    const $ref = this.nameOf(this.library.root);
    const $defs: Record<string, Plain | boolean> = {};
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
      $defs[this.names.get(next) ?? ''] = this.plain(next, '');
    this.library.refuseMissing();
    priceAll($defs);
    const countsContained = since('2020-12', this.library.draft);
    return { schema: { $ref, $defs }, patterns: this.patterns, countsContained, origins: this.origins };
  }

  /** The name of a schema that is referred to; it is written later, once. */
  private nameOf(node: Node | boolean): string {
    let name = this.names.get(node);
    if (name === undefined) {
      name = `s${this.names.size}`;
      this.names.set(node, name);
      this.waiting.push(node);
    }
    return `#/$defs/${name}`;
  }

  private plain(schema: unknown, at: string): Plain | boolean {
    if (typeof schema === 'boolean') return schema;
    if (!isNode(schema)) throw invalid('a schema is an object or a boolean', at);
    if (++this.schemas > MAX_SCHEMAS)
      throw invalid(`the schema has more than ${MAX_SCHEMAS} parts; split it into several record types`);
    refuseForeignWords(schema, at);
    const { draft } = this.library;
    const references = this.references(schema);
    if (references[0] !== undefined && !since('2019-09', draft)) {
      this.origins.set(references[0], schema);
      return references[0];
    }
    const plain: Plain = {};
    this.origins.set(plain, schema);
    const [only, ...more] = references;
    if (only !== undefined) Object.assign(plain, only);
    for (const [keyword, from] of SIMPLE) if (since(from, draft) && keyword in schema) plain[keyword] = schema[keyword];
    this.limits(schema, plain);
    this.texts(schema, plain, at);
    this.branches(schema, plain, at);
    if (more.length > 0) plain.allOf = [...((plain.allOf as unknown[] | undefined) ?? []), ...more];
    this.members(schema, plain, at);
    this.items(schema, plain, at);
    return plain;
  }

  private references(schema: Node): Plain[] {
    const { draft } = this.library;
    const targets: (Node | boolean | undefined)[] = [];
    if (typeof schema.$ref === 'string') targets.push(this.library.resolve(schema, schema.$ref));
    if (since('2020-12', draft) && typeof schema.$dynamicRef === 'string')
      targets.push(this.library.resolveDynamic(schema, schema.$dynamicRef));
    if (draft === '2019-09' && schema.$recursiveRef === '#') targets.push(this.library.resolveRecursive(schema));
    return targets.map((target) => ({ $ref: this.nameOf(target ?? true) }));
  }

  /** Bounds of numbers. In draft 04 the exclusive ones are flags beside the others. */
  private limits(schema: Node, plain: Plain): void {
    for (const [inclusive, exclusive] of [
      ['maximum', 'exclusiveMaximum'],
      ['minimum', 'exclusiveMinimum'],
    ] as const) {
      const isFlag = this.library.draft === '04';
      if (isFlag && schema[exclusive] === true && inclusive in schema) plain[exclusive] = schema[inclusive];
      else if (inclusive in schema) plain[inclusive] = schema[inclusive];
      if (!isFlag && exclusive in schema) plain[exclusive] = schema[exclusive];
    }
  }

  private texts(schema: Node, plain: Plain, at: string): void {
    if (typeof schema.pattern === 'string') {
      this.learn(schema.pattern, `${at}/pattern`);
      plain.pattern = schema.pattern;
    }
    if (IDENTIFIER_KEYWORD in schema) plain[IDENTIFIER_KEYWORD] = identifierRules(schema[IDENTIFIER_KEYWORD]);
    if (typeof schema.format !== 'string') return;
    if (!isKnownFormat(schema.format)) {
      if (this.unknownFormats === 'kept') return;
      throw invalid(
        `${at}/format names ${JSON.stringify(schema.format)}, a format that nobody here can check`,
        `${at}/format`,
        'format',
      );
    }
    plain.format = schema.format;
  }

  private branches(schema: Node, plain: Plain, at: string): void {
    for (const keyword of ['allOf', 'anyOf', 'oneOf'])
      if (Array.isArray(schema[keyword]))
        plain[keyword] = schema[keyword].map((branch, i) => this.plain(branch, `${at}/${keyword}/${i}`));
    if ('not' in schema) plain.not = this.plain(schema.not, `${at}/not`);
    if (!since('07', this.library.draft) || !('if' in schema)) return;
    for (const keyword of ['if', 'then', 'else'])
      if (keyword in schema) plain[keyword] = this.plain(schema[keyword], `${at}/${keyword}`);
  }

  private members(schema: Node, plain: Plain, at: string): void {
    const { draft } = this.library;
    const properties = this.map(schema.properties, `${at}/properties`);
    const patternProperties = this.map(schema.patternProperties, `${at}/patternProperties`);
    for (const pattern of Object.keys(patternProperties)) this.learn(pattern, `${at}/patternProperties`);
    if (Object.hasOwn(properties, HIDDEN)) {
      patternProperties[`^${HIDDEN}$`] = properties[HIDDEN] ?? true;
      Reflect.deleteProperty(properties, HIDDEN);
      this.learn(`^${HIDDEN}$`, at);
    }
    if ('properties' in schema) plain.properties = properties;
    if (Object.keys(patternProperties).length > 0) plain.patternProperties = patternProperties;
    this.one('additionalProperties', schema, plain, at);
    if (since('06', draft)) this.one('propertyNames', schema, plain, at);
    if (since('2019-09', draft)) this.one('unevaluatedProperties', schema, plain, at);
    if (since('2019-09', draft)) this.dependent(schema.dependentSchemas, plain, `${at}/dependentSchemas`);
    this.dependent(schema.dependencies, plain, `${at}/dependencies`);
  }

  /** `dependencies` holds names or schemas. Later drafts have a keyword for each, and ask that nobody uses the old one otherwise. */
  private dependent(value: unknown, plain: Plain, at: string): void {
    if (!isNode(value)) return;
    const names: Plain = { ...((plain.dependentRequired as Plain | undefined) ?? {}) };
    const schemas: Plain = { ...((plain.dependentSchemas as Plain | undefined) ?? {}) };
    for (const [name, what] of Object.entries(value)) {
      if (name === HIDDEN) throw invalid(`nothing can depend on a member named ${HIDDEN}`, at, 'dependencies');
      if (Array.isArray(what)) names[name] = what;
      else schemas[name] = this.plain(what, `${at}/${name}`);
    }
    if (Object.keys(names).length > 0) plain.dependentRequired = names;
    if (Object.keys(schemas).length > 0) plain.dependentSchemas = schemas;
  }

  /** Tuples are `items` with a list before 2020-12, and what follows them is `additionalItems`. */
  private items(schema: Node, plain: Plain, at: string): void {
    const { draft } = this.library;
    const isNew = since('2020-12', draft);
    const tuple = isNew ? schema.prefixItems : Array.isArray(schema.items) ? schema.items : undefined;
    if (Array.isArray(tuple) && tuple.length > 0)
      plain.prefixItems = tuple.map((item, i) => this.plain(item, `${at}/${isNew ? 'prefixItems' : 'items'}/${i}`));
    const rest = isNew || tuple === undefined ? 'items' : 'additionalItems';
    if (rest in schema) plain.items = this.plain(schema[rest], `${at}/${rest}`);
    if (since('06', draft) && 'contains' in schema) this.contains(schema, plain, at);
    if (since('2019-09', draft)) this.one('unevaluatedItems', schema, plain, at);
  }

  private contains(schema: Node, plain: Plain, at: string): void {
    const hasBounds = since('2019-09', this.library.draft);
    const { minContains = 1, maxContains = Number.POSITIVE_INFINITY } = hasBounds ? schema : {};
    // No array has more items of a kind than it has. ajv 8.20 forgets that it said so where tuples follow.
    if (Number(minContains) > Number(maxContains)) {
      plain.allOf = [...((plain.allOf as unknown[] | undefined) ?? []), { not: { type: 'array' } }];
      return;
    }
    // Beside a tuple ajv overwrites what `contains` found with what the tuple found; in a schema of its own it does not.
    const own: Plain = plain.prefixItems === undefined ? plain : {};
    if (own !== plain) {
      this.origins.set(own, schema);
      plain.allOf = [...((plain.allOf as unknown[] | undefined) ?? []), own];
    }
    own.contains = this.plain(schema.contains, `${at}/contains`);
    for (const bound of ['minContains', 'maxContains']) if (hasBounds && bound in schema) own[bound] = schema[bound];
  }

  private one(keyword: string, schema: Node, plain: Plain, at: string): void {
    if (keyword in schema) plain[keyword] = this.plain(schema[keyword], `${at}/${keyword}`);
  }

  private map(value: unknown, at: string): Record<string, Plain | boolean> {
    const entries = isNode(value) ? Object.entries(value) : [];
    return Object.fromEntries(entries.map(([name, schema]) => [name, this.plain(schema, `${at}/${name}`)]));
  }

  private learn(pattern: string, at: string): void {
    if (this.patterns.has(pattern)) return;
    try {
      this.patterns.set(pattern, matcherOf(pattern));
    } catch (error) {
      if (!(error instanceof PatternSyntax)) throw error;
      throw invalid(`the pattern ${JSON.stringify(pattern)} ${error.message}`, at, 'pattern');
    }
  }
}
