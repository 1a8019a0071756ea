import { examine, mayReject, SCHEMES } from '#identifiers';
import { type Engine, engineOf } from './engine.js';
import { FORMATS } from './formats/formats.js';
import { isTooMuch, JUDGEMENT_UNITS, meter } from './meter.js';
import { SchemaProblem } from './problem.js';
import type { PlainSchema } from './source/plain.js';
import type { Node } from './source/text.js';
import type { Plain } from './source/units.js';
import { IDENTIFIER_KEYWORD, type IdentifierRule, identifierRules } from './vocabulary.js';

/** Where a part of a plain schema was written. */
export interface Origin {
  /** 0 for the schema itself, n for the nth of its references. */
  readonly document: number;
  readonly path: readonly string[];
}

/** Where and why a document was refused, as far as the first broken rule goes. */
export interface Refusal {
  /** JSON pointer into the document. */
  readonly instance: string;
  /** Where the rule was written; undefined where that cannot be told. */
  readonly rule: Origin | undefined;
  readonly keyword: string;
}

/** A schema opened up for those who reason about schemas: its plain form, and the validator that the road uses. */
export class DissectedSchema {
  /** Every schema that a reference leads to, in plain form (JSON Schema 2020-12 without identifiers), the first one being the schema itself. */
  readonly defs: Readonly<Record<string, Plain | boolean>>;
  private engine: Engine | undefined;
  private places: Map<unknown, Origin> | undefined;

  constructor(
    private readonly plain: PlainSchema,
    private readonly documents: readonly (Node | boolean)[],
  ) {
    this.defs = plain.schema.$defs;
  }

  /** The name in `defs` where the schema begins. */
  get root(): string {
    return this.plain.schema.$ref.slice('#/$defs/'.length);
  }

  /** What the validator of the road says of a document; undefined where asking costs too much, or compiling. */
  accepts(document: unknown): boolean | undefined {
    try {
      this.engine ??= engineOf(this.plain, false);
      meter.left = JUDGEMENT_UNITS;
      return this.engine.accepts(document);
    } catch (error) {
      if (isTooMuch(error) || error instanceof SchemaProblem) return undefined;
      throw error;
    }
  }

  /** The rule that the validator found broken first in a document that it refuses. */
  refusal(document: unknown): Refusal | undefined {
    if (this.accepts(document) !== false) return undefined;
    const [error] = this.engine?.errors ?? [];
    if (error === undefined) return undefined;
    return { instance: error.instancePath, rule: this.originAt(error.schemaPath), keyword: error.keyword };
  }

  /** Whether a pattern that the schema uses occurs in a text. */
  matches(pattern: string, text: string): boolean {
    meter.left = JUDGEMENT_UNITS;
    return this.plain.patterns.get(pattern)?.test(text) === true;
  }

  /** Where a part of `defs` was written, or the keyword in it, if that is how its author wrote it. */
  originOf(part: unknown, keyword?: string): Origin | undefined {
    const written = this.plain.origins.get(part as Plain);
    this.places ??= placesIn(this.documents);
    const place = written === undefined ? undefined : this.places.get(written);
    if (place === undefined || keyword === undefined || !Object.hasOwn(written ?? {}, keyword)) return place;
    return { ...place, path: [...place.path, keyword] };
  }

  /** ajv names rules by the plain schema; the innermost part on the way that somebody wrote is what people know. */
  private originAt(schemaPath: string): Origin | undefined {
    let at: unknown = { $defs: this.defs };
    let origin: Origin | undefined;
    const segments = schemaPath.split('/').slice(1);
    for (const [i, segment] of segments.entries()) {
      if (typeof at !== 'object' || at === null) break;
      const name = decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
      at = Object.hasOwn(at, name) ? (at as Node)[name] : undefined;
      const found = this.originOf(at);
      if (found === undefined) continue;
      const keyword = segments[i + 1];
      const isLast = keyword !== undefined && i + 2 >= segments.length;
      origin = isLast ? this.originOf(at, keyword) : found;
    }
    return origin;
  }
}

function placesIn(documents: readonly unknown[]): Map<unknown, Origin> {
  const places = new Map<unknown, Origin>();
  const visit = (value: unknown, document: number, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    places.set(value, { document, path });
    for (const [name, below] of Object.entries(value)) visit(below, document, [...path, name]);
  };
  for (const [document, root] of documents.entries()) visit(root, document, []);
  return places;
}

/**
 * What `x-khidi-identifier` of a part asks of texts, as names of formats that {@link hasFormat} and {@link samplesOf} know; none where
 * it only warns. Prefixes exclude each other, so each rule of the list stands for itself.
 */
export function identifierFormats(part: Plain): string[] {
  const rules = (part[IDENTIFIER_KEYWORD] as readonly IdentifierRule[] | undefined) ?? [];
  return rules
    .filter(({ scheme, policy }) => mayReject(scheme, policy))
    .map(({ scheme, prefix, policy }) => `${IDENTIFIER_KEYWORD} ${JSON.stringify({ scheme, prefix, policy })}`);
}

/** Texts that have a format of {@link identifierFormats}; none for others. */
export function samplesOf(name: string): readonly string[] {
  const rule = ruleOf(name);
  return rule === undefined ? [] : [`${rule.prefix}${SCHEMES[rule.scheme].example}`];
}

function ruleOf(name: string): IdentifierRule | undefined {
  return name.startsWith(`${IDENTIFIER_KEYWORD} `)
    ? identifierRules(JSON.parse(name.slice(IDENTIFIER_KEYWORD.length)))?.[0]
    : undefined;
}

const rejects = ({ scheme, prefix, policy }: IdentifierRule, text: string): boolean =>
  text.startsWith(prefix) && examine(scheme, text.slice(prefix.length), policy)?.rejects === true;

/** Whether a text has a format; undefined where the format says nothing about texts. */
export function hasFormat(name: string, text: string): boolean | undefined {
  const rule = ruleOf(name);
  if (rule !== undefined) return !rejects(rule, text);
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  meter.left = JUDGEMENT_UNITS;
  return typeof format === 'function' ? format(text) === true : undefined;
}
