import { isKnownFormat } from '#schema';
import { contentModelOf } from '../diff/sides.js';
import { Builder, NotModelled, type Plain, type Schema } from '../model/build.js';
import { Fuel, Judge, OutOfSteps } from '../model/holds.js';
import { Pool } from '../model/pool.js';
import { type Opened, open } from '../opened.js';
import { yes } from '../prove/outcome.js';
import { Prover } from '../prove/prover.js';
import { NumberTooLarge } from '../values/decimal.js';
import { fromJson } from '../values/value.js';
import type { SchemaSource } from '../verdict.js';
import { isKnownKeyword, TYPED } from './keywords.js';

/** Something in a schema that its author should look at. */
export interface Finding {
  /** An error keeps the schema from being used, a warning is likely a mistake, a note is good to know. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly rule: string;
  /** JSON pointer, with the name of the reference in front where it stands in one. */
  readonly pointer: string;
  readonly words: string;
}

const STEPS = 300_000;
const MAX_FINDINGS = 200;
/** RFC 3986, as far as its characters go. */
const URI_REFERENCE = /^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/;

/** Looks a schema over. Bounded in steps; never throws. */
export function lint(source: SchemaSource): readonly Finding[] {
  const opened = open(source);
  if (typeof opened === 'string')
    return [{ severity: 'error', rule: 'unreadable', pointer: '#', words: `The schema cannot be used: ${opened}.` }];
  const linter = new Linter(opened);
  try {
    linter.all();
  } catch (error) {
    const isExpected = error instanceof OutOfSteps || error instanceof NotModelled || error instanceof NumberTooLarge;
    if (!isExpected && !(error instanceof RangeError)) throw error;
    linter.findings.push({
      severity: 'note',
      rule: 'unfinished',
      pointer: '#',
      words: 'The schema is too large to be looked at completely.',
    });
  }
  return linter.findings;
}

class Linter {
  readonly findings: Finding[] = [];
  private readonly ids = new Set<string>();
  private readonly builder: Builder;
  private readonly prover: Prover;
  private readonly judge: Judge;
  private readonly documents: readonly unknown[];

  constructor(private readonly opened: Opened) {
    const fuel = new Fuel(STEPS);
    const occurs = (pattern: string, text: string): boolean => opened.schema.matches(pattern, text);
    const pool = new Pool();
    this.builder = new Builder(pool, opened.schema, opened.isLossy ? opened.texts : []);
    this.prover = new Prover(pool, occurs, fuel);
    this.judge = new Judge(occurs, fuel);
    this.documents = opened.texts.map((text) => JSON.parse(text) as unknown);
  }

  all(): void {
    const [root] = this.documents;
    if (typeof root === 'object' && root !== null && !('$schema' in root))
      this.add('note', 'no-draft', '#', '$schema is absent: the schema is read as draft 2020-12.');
    if (this.opened.isLossy)
      this.add(
        'warning',
        'lossy-number',
        '#',
        'A number has more digits than a double holds: most programs will read another number.',
      );
    for (const schema of Object.values(this.opened.schema.defs)) this.walk(schema as Schema);
  }

  private walk(schema: unknown): void {
    if (typeof schema !== 'object' || schema === null || this.findings.length >= MAX_FINDINGS) return;
    const part = schema as Plain;
    const origin = this.opened.schema.originOf(part);
    if (origin !== undefined) {
      const written = origin.path.reduce<unknown>((at, name) => (at as Plain)[name], this.documents[origin.document]);
      this.part(part, written as Plain, this.opened.pointerOf(origin));
    }
    for (const [keyword, below] of Object.entries(part)) {
      if (keyword === 'enum' || keyword === 'const' || typeof below !== 'object' || below === null) continue;
      const parts = Array.isArray(below) || MAPS.includes(keyword) ? Object.values(below) : [below];
      for (const one of parts) this.walk(one);
    }
  }

  private part(part: Plain, written: Plain, at: string): void {
    for (const keyword of Object.keys(written)) {
      if (!isKnownKeyword(keyword))
        this.add(
          'note',
          'unknown-keyword',
          `${at}/${keyword}`,
          `${keyword} is no keyword that is applied here; it is kept as an annotation.`,
        );
    }
    this.names(written, at);
    this.idle(part, at);
    if (typeof written.pattern === 'string' && !/^\^|\$$/.test(written.pattern))
      this.add(
        'note',
        'floating-pattern',
        `${at}/pattern`,
        'The pattern begins with neither ^ nor ends with $: it may occur anywhere in a text.',
      );
    this.members(part, at);
    const node = this.builder.node(part);
    if (this.prover.ask([yes(node)]).kind === 'unsat')
      this.add(at === '#' ? 'error' : 'warning', 'nothing-passes', at, 'The rules contradict each other: no value passes.');
    const shown = [...('default' in written ? [['default', written.default] as const] : []), ...examplesOf(written)];
    for (const [place, value] of shown)
      if (!this.judge.accepts(node, fromJson(value)))
        this.add('warning', 'example-refused', `${at}/${place}`, `${place} does not pass the schema that it stands in.`);
  }

  /** What publishers write and nobody here acts upon: it is kept as it is, and the author should know. */
  private names(written: Plain, at: string): void {
    const { format, $id = written.id } = written;
    if (typeof format === 'string' && !isKnownFormat(format))
      this.add(
        'warning',
        'unknown-format',
        `${at}/format`,
        `Nobody here can check the format ${JSON.stringify(format)}: it is an annotation. The schema of a record type may not use it.`,
      );
    if (typeof $id !== 'string') return;
    if (!URI_REFERENCE.test($id))
      this.add(
        'note',
        'odd-id',
        at,
        `${JSON.stringify($id)} is no URI: references find it only where they write it in the same way.`,
      );
    if (this.ids.has($id))
      this.add('note', 'repeated-id', at, `${JSON.stringify($id)} names several places: a reference to it would be refused.`);
    this.ids.add($id);
  }

  /** Keywords that can say nothing about the types that may stand here. */
  private idle(part: Plain, at: string): void {
    if (part.type === undefined) return;
    const types = [part.type].flat() as string[];
    for (const [keyword, about] of Object.entries(TYPED))
      if (part[keyword] !== undefined && !types.some((type) => about.includes(type)))
        this.add('warning', 'idle-keyword', `${at}/${keyword}`, `${keyword} says nothing about ${types.join(' or ')}.`);
  }

  private members(part: Plain, at: string): void {
    if (part.properties === undefined) return;
    const declared = Object.keys(part.properties as object);
    if (contentModelOf(part) === 'open')
      this.add(
        'note',
        'open-model',
        at,
        'The model is open: members that it does not declare pass, so that declaring one later breaks. Close it with additionalProperties or unevaluatedProperties: false.',
      );
    const isPatterned = part.patternProperties !== undefined;
    for (const name of (part.required as string[] | undefined) ?? [])
      if (!declared.includes(name) && !isPatterned)
        this.add(
          'warning',
          'required-undeclared',
          `${at}/required`,
          `${JSON.stringify(name)} is required but not declared in properties.`,
        );
  }

  private add(severity: Finding['severity'], rule: string, pointer: string, words: string): void {
    if (this.findings.length < MAX_FINDINGS) this.findings.push({ severity, rule, pointer, words });
  }
}

const MAPS = ['properties', 'patternProperties', 'dependentSchemas'];

function examplesOf({ examples }: Plain): (readonly [string, unknown])[] {
  return Array.isArray(examples) ? examples.map((value, i) => [`examples/${i}`, value] as const) : [];
}
