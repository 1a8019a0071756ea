import { type DissectedSchema, hasFormat, identifierFormats } from '#schema';
import { Decimal } from '../values/decimal.js';
import { ExactText } from '../values/exact.js';
import { fromJson, isList, NUMBER, TYPES, type Value } from '../values/value.js';
import type { Atom, AtomBody, Node, Seen } from './atoms.js';
import type { Pool } from './pool.js';

export type Plain = { readonly [keyword: string]: unknown };
export type Schema = Plain | boolean;

/**
 * How a version is taken. `closed`: with no members but those that it declares; `opened`: it overlooks members that it does not declare.
 * Both are what policy LENIENT believes of writers and readers.
 */
export type Role = 'as is' | 'closed' | 'opened';

/** Thrown where a schema has more alternatives than can be thought through. */
export class NotModelled extends Error {}

const MAX_SEEN = 200;
const NAMES: Readonly<Record<string, number>> = { ...TYPES, number: NUMBER };
const ITEMS = ['prefixItems', 'items', 'unevaluatedItems'] as const;
const COUNTS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'] as const;
/** All that a plain schema may hold. A keyword that is not known here must not be passed over. */
const MODELLED = new Set([
  ...['type', 'enum', 'const', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', ...COUNTS],
  ...['pattern', 'format', 'x-khidi-identifier', '$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'uniqueItems'],
  ...['prefixItems', 'items', 'contains', 'minContains', 'maxContains', 'unevaluatedItems', 'required', 'propertyNames'],
  ...[
    'properties',
    'patternProperties',
    'additionalProperties',
    'unevaluatedProperties',
    'dependentRequired',
    'dependentSchemas',
  ],
  'x-units',
]);
/** What `format` asks of numbers (OpenAPI's formats). */
const WHOLE = ['int32', 'int64'];
const INT32 = [Decimal.of(-(2n ** 31n), 0), Decimal.of(2n ** 31n - 1n, 0)] as const;

/** Turns the plain form of one version into nodes. */
export class Builder {
  private readonly built = new Map<string, Node>();
  private readonly open = new Map<string, { node: Node }>();
  private readonly made = new WeakMap<Plain, Node>();
  private readonly madeAsIs = new WeakMap<Plain, Node>();
  private readonly excerpts = new WeakMap<Plain, Plain>();
  private readonly exact: readonly ExactText[];
  /** Above zero where a part is asked and not demanded: there it is taken as it is. */
  private suspended = 0;

  /** `texts`: the documents as they were written, if numbers are to be read from there; empty to read them as doubles do. */
  constructor(
    private readonly pool: Pool,
    private readonly schema: DissectedSchema,
    texts: readonly string[],
    private readonly role: Role = 'as is',
  ) {
    this.exact = texts.map((text) => new ExactText(text));
  }

  /** The schema as a whole. */
  root(): Node {
    return this.below({ $ref: `#/$defs/${this.schema.root}` });
  }

  node(schema: Schema): Node {
    if (typeof schema === 'boolean') return schema ? this.pool.any : this.pool.never;
    const made = this.suspended > 0 ? this.madeAsIs : this.made;
    const known = made.get(schema);
    if (known !== undefined) return known;
    const node = this.conjunction(schema);
    made.set(schema, node);
    return node;
  }

  private conjunction(schema: Plain): Node {
    const stranger = Object.keys(schema).find((keyword) => !MODELLED.has(keyword));
    if (stranger !== undefined) throw new NotModelled(`${stranger} judges documents in a way that is not compared`);
    const atoms = [
      ...this.values(schema),
      ...this.counts(schema),
      ...this.texts(schema),
      ...this.branches(schema),
      ...this.members(schema),
      ...this.items(schema),
    ];
    return atoms.some((atom) => atom.kind === 'type' && atom.mask === 0) ? this.pool.never : this.pool.node(atoms);
  }

  /** The schema of a value of its own: the document, a member or an item. A closed version declares all of its members. */
  private below(schema: Schema): Node {
    const node = this.node(schema);
    if (this.role !== 'closed' || this.suspended > 0 || !this.isAboutObjects(schema)) return node;
    const seen: Seen[] = [];
    this.see(schema, [], seen);
    if (seen.some(({ when, everything }) => everything && when.length === 0)) return node;
    return this.pool.node([...node.atoms, this.atom({ kind: 'unevaluatedProperties', rest: this.pool.never, seen })]);
  }

  private isAboutObjects(schema: Schema): boolean {
    if (typeof schema === 'boolean') return false;
    const isTyped = [schema.type].flat().includes('object');
    if (isTyped || ['properties', 'patternProperties', 'required'].some((keyword) => keyword in schema)) return true;
    const branches = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => (schema[keyword] as Schema[] | undefined) ?? []);
    if (typeof schema.$ref === 'string')
      branches.push((this.schema.defs[schema.$ref.slice('#/$defs/'.length)] ?? true) as Schema);
    return branches.some((branch) => this.isAboutObjects(branch));
  }

  private asIs(schema: unknown): Node {
    this.suspended++;
    const node = this.node(schema as Schema);
    this.suspended--;
    return node;
  }

  /** Some keywords of a part by themselves. */
  excerpt(schema: Plain, keywords: readonly string[]): Node {
    const part = Object.fromEntries(Object.entries(schema).filter(([keyword]) => keywords.includes(keyword)));
    this.excerpts.set(part, schema);
    return this.node(part);
  }

  private named(name: string): Node {
    const key = `${this.suspended > 0 ? 'as is' : this.role} ${name}`;
    const known = this.built.get(key);
    if (known !== undefined) return known;
    const open = this.open.get(key);
    if (open !== undefined) return this.pool.node([this.atom({ kind: '$ref', target: open })]);
    const target = { node: this.pool.any };
    this.open.set(key, target);
    const node = this.node((this.schema.defs[name] ?? true) as Schema);
    target.node = node;
    this.open.delete(key);
    this.built.set(key, node);
    return node;
  }

  private values(schema: Plain): Atom[] {
    const atoms: Atom[] = [];
    if (schema.type !== undefined) {
      const names = (Array.isArray(schema.type) ? schema.type : [schema.type]) as string[];
      atoms.push(this.atom({ kind: 'type', mask: names.reduce((mask, name) => mask | (NAMES[name] ?? 0), 0) }));
    }
    if ('const' in schema) atoms.push(this.pool.enumeration([this.written(schema, 'const')]));
    const values = 'enum' in schema ? this.written(schema, 'enum') : null;
    if (isList(values)) atoms.push(this.pool.enumeration(values));
    for (const [kind, keyword, exclusive] of [
      ['minimum', 'minimum', false],
      ['minimum', 'exclusiveMinimum', true],
      ['maximum', 'maximum', false],
      ['maximum', 'exclusiveMaximum', true],
    ] as const) {
      if (typeof schema[keyword] === 'number')
        atoms.push(this.atom({ kind, limit: this.number(schema, keyword, kind), exclusive }));
    }
    if ('multipleOf' in schema) atoms.push(this.atom({ kind: 'multipleOf', factor: this.number(schema, 'multipleOf') }));
    return atoms;
  }

  private counts(schema: Plain): Atom[] {
    const atoms: Atom[] = [];
    for (const kind of COUNTS) {
      const count = schema[kind];
      if (typeof count === 'number' && !(kind.startsWith('min') && count <= 0)) atoms.push(this.atom({ kind, count }));
    }
    if (schema.uniqueItems === true) atoms.push(this.atom({ kind: 'uniqueItems', unique: true }));
    for (const name of (schema.required as string[] | undefined) ?? []) atoms.push(this.atom({ kind: 'required', name }));
    return atoms;
  }

  private texts(schema: Plain): Atom[] {
    const atoms: Atom[] = [];
    if (typeof schema.pattern === 'string') atoms.push(this.atom({ kind: 'pattern', text: schema.pattern }));
    for (const name of identifierFormats(schema)) atoms.push(this.atom({ kind: 'format', name }));
    if (typeof schema.format !== 'string') return atoms;
    if (hasFormat(schema.format, '') !== undefined) atoms.push(this.atom({ kind: 'format', name: schema.format }));
    if (WHOLE.includes(schema.format)) atoms.push(this.atom({ kind: 'multipleOf', factor: Decimal.ONE }));
    if (schema.format === 'int32') {
      atoms.push(this.atom({ kind: 'minimum', limit: INT32[0], exclusive: false }));
      atoms.push(this.atom({ kind: 'maximum', limit: INT32[1], exclusive: false }));
    }
    return atoms;
  }

  private branches(schema: Plain): Atom[] {
    const atoms: Atom[] = [];
    if (typeof schema.$ref === 'string') atoms.push(...this.named(schema.$ref.slice('#/$defs/'.length)).atoms);
    for (const branch of (schema.allOf as Schema[] | undefined) ?? []) atoms.push(...this.node(branch).atoms);
    if (schema.anyOf !== undefined) atoms.push(...this.pool.anyOf(this.nodes(schema.anyOf)).atoms);
    if (schema.oneOf !== undefined) {
      const of = (schema.oneOf as Schema[]).map((branch) => this.asIs(branch)).filter((node) => node !== this.pool.never);
      const [only] = of;
      if (only === undefined) atoms.push(...this.pool.never.atoms);
      else atoms.push(...(of.length === 1 ? only.atoms : [this.atom({ kind: 'oneOf', of })]));
    }
    if (schema.not !== undefined) atoms.push(...this.pool.not(this.asIs(schema.not)).atoms);
    if (schema.if !== undefined) {
      const then = this.node((schema.then ?? true) as Schema);
      const otherwise = this.node((schema.else ?? true) as Schema);
      const isIdle = then === this.pool.any && otherwise === this.pool.any;
      if (!isIdle) atoms.push(this.atom({ kind: 'if', if: this.asIs(schema.if), then, else: otherwise }));
    }
    return [...atoms, ...this.dependent(schema)];
  }

  /** "With a, b must be there" is "without a, or with b". */
  private dependent(schema: Plain): Atom[] {
    const needed = Object.entries((schema.dependentRequired as Record<string, string[]> | undefined) ?? {}).map(
      ([name, names]) => [name, this.pool.node(names.map((other) => this.atom({ kind: 'required', name: other })))] as const,
    );
    const applied = Object.entries((schema.dependentSchemas as Record<string, Schema> | undefined) ?? {}).map(
      ([name, below]) => [name, this.node(below)] as const,
    );
    return [...needed, ...applied].flatMap(([name, node]) => this.pool.anyOf([this.pool.not(this.pool.has(name)), node]).atoms);
  }

  private members(schema: Plain): Atom[] {
    const atoms: Atom[] = [];
    const isOpened = this.role === 'opened' && this.suspended === 0;
    const isOverlooking = isOpened && schema.additionalProperties === false;
    const rest = this.below(isOverlooking ? true : ((schema.additionalProperties ?? true) as Schema));
    const isTelling = ([, of]: readonly [string, Node]): boolean => rest !== this.pool.any || of !== this.pool.any;
    const properties = new Map(this.map(schema.properties).filter(isTelling));
    const patterns = this.map(schema.patternProperties).filter(isTelling);
    if (properties.size > 0 || patterns.length > 0 || rest !== this.pool.any)
      atoms.push(this.atom({ kind: 'members', properties, patterns, rest }));
    if (schema.propertyNames !== undefined) {
      const of = this.asIs(schema.propertyNames);
      if (of !== this.pool.any) atoms.push(this.atom({ kind: 'propertyNames', of }));
    }
    const isSkipped = isOpened && schema.unevaluatedProperties === false;
    if (schema.unevaluatedProperties !== undefined && schema.unevaluatedProperties !== true && !isSkipped) {
      const seen: Seen[] = [];
      this.see(schema, [], seen, true);
      if (!seen.some(({ when, everything }) => everything && when.length === 0))
        atoms.push(this.atom({ kind: 'unevaluatedProperties', rest: this.below(schema.unevaluatedProperties as Schema), seen }));
    }
    return atoms;
  }

  /** Collects which names count as looked at, and under which conditions. */
  private see(schema: Schema, when: readonly Node[], into: Seen[], isTop = false): void {
    if (typeof schema === 'boolean') return;
    if (into.length > MAX_SEEN) throw new NotModelled('unevaluatedProperties stands beside too many branches');
    const names = Object.keys((schema.properties as object | undefined) ?? {});
    if (this.role === 'closed') names.push(...((schema.required as string[] | undefined) ?? []));
    const patterns = Object.keys((schema.patternProperties as object | undefined) ?? {});
    const everything = schema.additionalProperties !== undefined || (!isTop && schema.unevaluatedProperties !== undefined);
    if (names.length > 0 || patterns.length > 0 || everything) into.push({ when, names, patterns, everything });
    if (typeof schema.$ref === 'string')
      this.see((this.schema.defs[schema.$ref.slice('#/$defs/'.length)] ?? true) as Schema, when, into);
    for (const branch of (schema.allOf as Schema[] | undefined) ?? []) this.see(branch, when, into);
    for (const keyword of ['anyOf', 'oneOf'])
      for (const branch of (schema[keyword] as Schema[] | undefined) ?? [])
        this.see(branch, [...when, keyword === 'oneOf' ? this.asIs(branch) : this.node(branch)], into);
    for (const [name, below] of Object.entries((schema.dependentSchemas as Record<string, Schema> | undefined) ?? {}))
      this.see(below, [...when, this.pool.has(name)], into);
    if (schema.if === undefined) return;
    const condition = this.asIs(schema.if);
    this.see(schema.if as Schema, [...when, condition], into);
    this.see((schema.then ?? true) as Schema, [...when, condition], into);
    this.see((schema.else ?? true) as Schema, [...when, this.pool.not(condition)], into);
  }

  private items(schema: Plain): Atom[] {
    const atoms: Atom[] = [];
    const prefix = ((schema.prefixItems ?? []) as Schema[]).map((item) => this.below(item));
    if (schema.unevaluatedItems !== undefined && schema.items === undefined) this.refuseOthersItems(schema);
    // Here nothing but these keywords of the same schema has looked at items.
    const rest = this.below((schema.items ?? schema.unevaluatedItems ?? true) as Schema);
    while (prefix.length > 0 && prefix.at(-1) === rest) prefix.pop();
    if (prefix.length > 0 || rest !== this.pool.any) atoms.push(this.atom({ kind: 'items', prefix, rest }));
    if (schema.contains === undefined) return atoms;
    const of = this.asIs(schema.contains);
    const [min, max] = [schema.minContains ?? 1, schema.maxContains];
    if (typeof min === 'number' && min > 0) atoms.push(this.atom({ kind: 'atLeast', of, count: min }));
    if (typeof max === 'number') atoms.push(this.atom({ kind: 'atMost', of, count: max }));
    return atoms;
  }

  /** Which items `contains`, a branch or a reference has looked at is not modelled. */
  private refuseOthersItems(schema: Plain): void {
    const seen = new Set<Schema>();
    const visit = (one: Schema | undefined): void => {
      if (typeof one !== 'object' || seen.has(one)) return;
      seen.add(one);
      if (one.contains !== undefined || (one !== schema && ITEMS.some((keyword) => one[keyword] !== undefined)))
        throw new NotModelled('unevaluatedItems stands beside contains, or beside items in a branch');
      if (typeof one.$ref === 'string') visit((this.schema.defs[one.$ref.slice('#/$defs/'.length)] ?? true) as Schema);
      for (const keyword of ['allOf', 'anyOf', 'oneOf']) ((one[keyword] as Schema[] | undefined) ?? []).forEach(visit);
      for (const keyword of ['if', 'then', 'else']) visit(one[keyword] as Schema | undefined);
      Object.values((one.dependentSchemas as Record<string, Schema> | undefined) ?? {}).forEach(visit);
    };
    visit(schema);
  }

  private nodes(schemas: unknown): Node[] {
    return (schemas as Schema[]).map((schema) => this.node(schema));
  }

  private map(value: unknown): [string, Node][] {
    return Object.entries((value as Record<string, Schema> | undefined) ?? {}).map(([name, schema]) => [
      name,
      this.below(schema),
    ]);
  }

  private atom(body: AtomBody): Atom {
    return this.pool.atom(body);
  }

  /** A number as it was written. In draft 04 an exclusive limit stands under the name of the inclusive one. */
  private number(schema: Plain, keyword: string, other = keyword): Decimal {
    for (const name of [keyword, other]) {
      const value = this.written(schema, name);
      if (value instanceof Decimal) return value;
    }
    return Decimal.from(schema[keyword] as number);
  }

  private written(schema: Plain, keyword: string): Value {
    const origin = this.schema.originOf(this.excerpts.get(schema) ?? schema);
    const exact = origin === undefined ? undefined : this.exact[origin.document]?.at([...origin.path, keyword]);
    return exact ?? fromJson(schema[keyword] ?? null);
  }
}
