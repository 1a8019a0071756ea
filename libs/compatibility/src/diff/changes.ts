import { occursIn } from '../decide.js';
import type { Node } from '../model/atoms.js';
import { NotModelled, type Plain, type Schema } from '../model/build.js';
import type { Fuel } from '../model/holds.js';
import { Pool } from '../model/pool.js';
import type { Opened } from '../opened.js';
import { no, yes } from '../prove/outcome.js';
import { Prover } from '../prove/prover.js';
import { NumberTooLarge } from '../values/decimal.js';
import type { Change, Safety } from '../verdict.js';
import { contentModelOf, isAboutMembers, keywordsOf, Side, shown } from './sides.js';
import { effectOf, memberSentence, sentenceOf } from './words.js';

const MAX_CHANGES = 200;
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const SINGLES = ['items', 'unevaluatedItems'];
/** Said together with the keyword that they belong to. */
const COMPANIONS: Readonly<Record<string, string>> = {
  minContains: 'contains',
  maxContains: 'contains',
  // biome-ignore lint/suspicious/noThenProperty: the name of a JSON Schema keyword
  then: 'if',
  else: 'if',
};

/**
 * What differs between two versions, and what each difference does by itself to documents of the earlier version and of the candidate.
 * Says as much as the fuel lasts for; annotations are no differences.
 */
export function changesBetween(earlier: Opened, candidate: Opened, fuel: Fuel): readonly Change[] {
  const differ = new Differ(earlier, candidate, fuel);
  try {
    differ.walk();
  } catch (error) {
    if (!(error instanceof NotModelled || error instanceof NumberTooLarge || error instanceof RangeError)) throw error;
  }
  return differ.changes;
}

class Differ {
  readonly changes: Change[] = [];
  private readonly old: Side;
  private readonly new: Side;
  private readonly prover: Prover;
  private readonly visited = new Set<string>();

  constructor(earlier: Opened, candidate: Opened, fuel: Fuel) {
    const pool = new Pool();
    const isExact = earlier.isLossy || candidate.isLossy;
    this.old = new Side('earlier', earlier, pool, isExact);
    this.new = new Side('candidate', candidate, pool, isExact);
    this.prover = new Prover(pool, occursIn(earlier, candidate), fuel);
  }

  walk(): void {
    const isBoolean = !this.parts(this.old.root(), this.new.root());
    if (isBoolean && this.old.node(this.old.root()) !== this.new.node(this.new.root())) {
      const [before, after] = [{ allOf: [this.old.root()] }, { allOf: [this.new.root()] }];
      this.note(before, after, 'allOf', this.old.node(before), this.new.node(after));
    }
  }

  /** Walks two parts that stand at the same place; false where one of them is a boolean, so that there is nothing to walk. */
  private parts(before: Schema, after: Schema): boolean {
    const [a, b] = [this.old.follow(before), this.new.follow(after)];
    if (typeof a.part === 'boolean' || typeof b.part === 'boolean') return a.part === b.part;
    if (a.name !== '' && b.name !== '') {
      const pair = `${a.name} ${b.name}`;
      if (this.visited.has(pair)) return true;
      this.visited.add(pair);
    }
    const [x, y] = [a.part, b.part];
    if (this.changes.length >= MAX_CHANGES || this.old.node(x) === this.new.node(y)) return true;
    for (const keyword of new Set([...keywordsOf(x), ...keywordsOf(y)])) this.keyword(x, y, keyword);
    return true;
  }

  private keyword(x: Plain, y: Plain, keyword: string): void {
    if (COMPANIONS[keyword] !== undefined && (x[COMPANIONS[keyword]] !== undefined || y[COMPANIONS[keyword]] !== undefined)) {
      const leader = COMPANIONS[keyword];
      if (this.isSame(x, y, leader) && !this.isSame(x, y, keyword)) this.compareAlone(x, y, keyword);
      return;
    }
    if (keyword === 'properties') this.members(x, y);
    else if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') this.rest(x, y, keyword);
    else if (keyword === 'patternProperties' || keyword === 'dependentSchemas') this.map(x, y, keyword);
    else if (LISTS.includes(keyword)) this.list(x, y, keyword);
    else if (SINGLES.includes(keyword) && x[keyword] !== undefined && y[keyword] !== undefined)
      this.below(x, y, keyword, x[keyword], y[keyword]);
    else if (keyword === '$ref' && typeof x.$ref === 'string' && typeof y.$ref === 'string')
      this.parts({ $ref: x.$ref }, { $ref: y.$ref });
    else if (!this.isSame(x, y, keyword)) this.compareAlone(x, y, keyword);
  }

  private isSame(x: Plain, y: Plain, keyword: string): boolean {
    return this.old.only(x, keyword) === this.new.only(y, keyword) && shown(x[keyword]) === shown(y[keyword]);
  }

  private compareAlone(x: Plain, y: Plain, keyword: string): void {
    const [was, is] = [this.old.only(x, keyword), this.new.only(y, keyword)];
    if (was !== is) this.note(x, y, keyword, was, is);
  }

  /** Walks what stands below a keyword in both versions, or says that it is another. */
  private below(x: Plain, y: Plain, keyword: string, before: unknown, after: unknown): void {
    if (!this.parts(before as Schema, after as Schema)) this.compareAlone(x, y, keyword);
  }

  private members(x: Plain, y: Plain): void {
    const before = (x.properties ?? {}) as Record<string, Schema>;
    const after = (y.properties ?? {}) as Record<string, Schema>;
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [was, is] = [before[name], after[name]];
      if (was !== undefined && is !== undefined) {
        if (!this.parts(was, is)) this.note(x, y, 'properties', this.old.onlyMember(x, name), this.new.onlyMember(y, name), name);
        continue;
      }
      const kind = was === undefined ? 'added' : 'removed';
      const model = contentModelOf(was === undefined ? x : y);
      this.note(x, y, 'properties', this.old.onlyMember(x, name), this.new.onlyMember(y, name), name, { kind, model });
    }
  }

  private rest(x: Plain, y: Plain, keyword: string): void {
    const [before, after] = [x[keyword] ?? true, y[keyword] ?? true] as [Schema, Schema];
    if (this.old.node(before) === this.new.node(after)) return;
    if (typeof before === 'object' && typeof after === 'object') return void this.parts(before, after);
    const names = [x, y].flatMap((part) => Object.keys((part.properties as object | undefined) ?? {}));
    this.note(x, y, keyword, this.old.onlyRest(x, keyword, names), this.new.onlyRest(y, keyword, names));
  }

  private map(x: Plain, y: Plain, keyword: string): void {
    const before = (x[keyword] ?? {}) as Record<string, Schema>;
    const after = (y[keyword] ?? {}) as Record<string, Schema>;
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [was, is] = [before[name] ?? true, after[name] ?? true];
      if (this.parts(was, is) || this.old.node(was) === this.new.node(is)) continue;
      this.note(x, y, keyword, this.old.node({ [keyword]: { [name]: was } }), this.new.node({ [keyword]: { [name]: is } }), name);
    }
  }

  /** Pairs equal entries first, then the others in their order. */
  private list(x: Plain, y: Plain, keyword: string): void {
    const before = (x[keyword] ?? []) as Schema[];
    const after = (y[keyword] ?? []) as Schema[];
    const isOrdered = keyword === 'prefixItems';
    const kept = new Set(before.map((schema) => this.old.node(schema)));
    const left = isOrdered
      ? before
      : before.filter((schema) => !after.some((other) => this.new.node(other) === this.old.node(schema)));
    const right = isOrdered ? after : after.filter((schema) => !kept.has(this.new.node(schema)));
    const isPaired = left.length === right.length && x[keyword] !== undefined && y[keyword] !== undefined;
    const found = this.changes.length;
    if (isPaired && left.every((schema, i) => this.parts(schema, right[i] ?? true)) && this.changes.length > found) return;
    if (left.length + right.length > 0) this.compareAlone(x, y, keyword);
  }

  private note(
    x: Plain,
    y: Plain,
    keyword: string,
    was: Node,
    is: Node,
    name?: string,
    member?: { readonly kind: 'added' | 'removed'; readonly model: ReturnType<typeof contentModelOf> },
  ): void {
    if (this.changes.length >= MAX_CHANGES) return;
    const [from, to] = [valueIn(x, keyword, name), valueIn(y, keyword, name)];
    const kind = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed';
    const side = kind === 'removed' ? this.old : this.new;
    const backward = this.safety(this.old.node(x), is);
    const forward = this.safety(this.new.node(y), was);
    const effect = effectOf(backward, forward);
    const isMember = member !== undefined && name !== undefined;
    this.changes.push({
      pointer: side.pointer(kind === 'removed' ? x : y, keyword, name),
      of: side.of,
      keyword,
      kind,
      ...(from === undefined ? {} : { from: shown(from) }),
      ...(to === undefined ? {} : { to: shown(to) }),
      backward,
      forward,
      rule: isMember
        ? `member-${kind}-${kind === 'added' ? 'to' : 'from'}-${member.model.replace(' ', '-')}`
        : `${keyword}-${effect}`,
      words: isMember ? memberSentence(name, member.kind, member.model, effect) : sentenceOf(keyword, kind, effect),
      ...(isMember ? { member: { name, model: member.model } } : {}),
    });
  }

  /** Whether all that passes the whole of one part passes one rule of the other. */
  private safety(all: Node, rule: Node): Safety {
    const { kind } = this.prover.ask([yes(all), no(rule)]);
    return kind === 'unsat' ? 'safe' : kind === 'sat' ? 'breaking' : 'open';
  }
}

function valueIn(part: Plain, keyword: string, name: string | undefined): unknown {
  if (isAboutMembers(keyword) && name === undefined) return part[keyword];
  return name === undefined ? part[keyword] : (part[keyword] as Record<string, unknown> | undefined)?.[name];
}
