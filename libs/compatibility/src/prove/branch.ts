import type { Atom, AtomKind, AtomOf, Node } from '../model/atoms.js';
import type { Pool } from '../model/pool.js';
import { ANY_TYPE, NUMBER, TYPES, type Value } from '../values/value.js';
import { type Literal, no, yes } from './outcome.js';
import { alternativesOf } from './unevaluated.js';

/** Several ways, one of which must be gone. */
export interface Clause {
  readonly ways: readonly (readonly Literal[])[];
  /** Whether it comes from alternatives that a schema offers, rather than from rules one of which must be broken. */
  readonly isPositive: boolean;
}

const TEXT: readonly AtomKind[] = ['minLength', 'maxLength', 'pattern', 'format'];
const NUMERIC: readonly AtomKind[] = ['minimum', 'maximum', 'multipleOf'];
const LIST: readonly AtomKind[] = ['items', 'minItems', 'maxItems', 'atLeast', 'atMost', 'uniqueItems'];
const ABOUT = new Map<AtomKind, number>([
  ...TEXT.map((kind) => [kind, TYPES.string] as const),
  ...NUMERIC.map((kind) => [kind, NUMBER] as const),
  ...LIST.map((kind) => [kind, TYPES.array] as const),
  ...(['members', 'propertyNames', 'required', 'minProperties', 'maxProperties', 'unevaluatedProperties'] as const).map(
    (kind) => [kind, TYPES.object] as const,
  ),
]);

/** What it means that two branches of a `oneOf` hold at once, asked where it is needed. */
export type Overlaps = (atom: AtomOf<'oneOf'>) => readonly (readonly [Node, Node])[];

/** One case of a case distinction: what must hold, what must not, and what is still to be chosen. */
export class Branch {
  mask = ANY_TYPE;
  isClosed = false;
  readonly plus = new Map<number, Atom>();
  readonly minus = new Map<number, Atom>();
  readonly positives = new Set<Node>();
  readonly negatives = new Set<Node>();
  clauses: Clause[] = [];

  constructor(
    private readonly pool: Pool,
    private readonly overlaps: Overlaps,
  ) {}

  copy(): Branch {
    const copy = new Branch(this.pool, this.overlaps);
    copy.mask = this.mask;
    for (const [id, atom] of this.plus) copy.plus.set(id, atom);
    for (const [id, atom] of this.minus) copy.minus.set(id, atom);
    for (const node of this.positives) copy.positives.add(node);
    for (const node of this.negatives) copy.negatives.add(node);
    copy.clauses = [...this.clauses];
    return copy;
  }

  add(literals: readonly Literal[]): void {
    for (const literal of literals) this.assume(literal);
  }

  atoms<K extends AtomKind>(kind: K, wanted: boolean): AtomOf<K>[] {
    return [...(wanted ? this.plus : this.minus).values()].filter((atom) => atom.kind === kind) as unknown as AtomOf<K>[];
  }

  /** The values that an `enum` leaves, where there is one. */
  candidates(): readonly Value[] | undefined {
    const enums = this.atoms('enum', true).sort((a, b) => a.values.length - b.values.length);
    return enums[0]?.values;
  }

  /** Follows all that has only one way left. Returns the steps that it took. */
  propagate(): number {
    let steps = 5;
    for (let isMoving = true; isMoving && !this.isClosed; ) {
      isMoving = false;
      const waiting = this.clauses;
      this.clauses = [];
      for (const clause of waiting) {
        steps += clause.ways.length;
        const ways = clause.ways.filter((way) => !way.some((literal) => this.contradicts(literal)));
        if (ways.some((way) => way.every((literal) => this.entails(literal)))) continue;
        const [only] = ways;
        if (only === undefined) this.isClosed = true;
        else if (ways.length === 1) {
          this.add(only);
          isMoving = true;
        } else this.clauses.push({ ways, isPositive: clause.isPositive });
      }
      if (this.mask === 0) this.isClosed = true;
    }
    return steps + (this.plus.size + this.minus.size) / 4;
  }

  private assume({ node, yes: isWanted }: Literal): void {
    if (isWanted) {
      this.positives.add(node);
      for (const atom of node.atoms) this.demand(atom);
      return;
    }
    this.negatives.add(node);
    const [only] = node.atoms;
    if (only === undefined) this.isClosed = true;
    else if (node.atoms.length === 1) this.forbid(only);
    else this.clauses.push({ ways: node.atoms.map((atom) => [no(this.pool.node([atom]))]), isPositive: false });
  }

  private demand(atom: Atom): void {
    if (this.plus.has(atom.id)) return;
    this.plus.set(atom.id, atom);
    if (this.minus.has(atom.id)) this.isClosed = true;
    if (atom.kind === 'type') this.mask &= atom.mask;
    else if (atom.kind === 'not') this.assume(no(atom.of));
    else if (atom.kind === '$ref') this.assume(yes(atom.target.node));
    else if (atom.kind === 'anyOf') this.clauses.push({ ways: atom.of.map((node) => [yes(node)]), isPositive: true });
    else if (atom.kind === 'oneOf') {
      // "One, and no two": the second half only where two can hold at all.
      this.clauses.push({ ways: atom.of.map((node) => [yes(node)]), isPositive: true });
      for (const [a, b] of this.overlaps(atom)) this.clauses.push({ ways: [[no(a)], [no(b)]], isPositive: false });
    } else if (atom.kind === 'if')
      this.clauses.push({
        ways: [
          [yes(atom.if), yes(atom.then)],
          [no(atom.if), yes(atom.else)],
        ],
        isPositive: true,
      });
    else if (atom.kind === 'unevaluatedProperties') this.split(atom, true);
  }

  private forbid(atom: Atom): void {
    if (this.minus.has(atom.id)) return;
    this.minus.set(atom.id, atom);
    if (this.plus.has(atom.id)) this.isClosed = true;
    this.mask &= ABOUT.get(atom.kind) ?? ANY_TYPE;
    if (atom.kind === 'type') this.mask &= ~atom.mask;
    else if (atom.kind === 'not') this.assume(yes(atom.of));
    else if (atom.kind === '$ref') this.assume(no(atom.target.node));
    else if (atom.kind === 'anyOf') for (const node of atom.of) this.assume(no(node));
    else if (atom.kind === 'oneOf') {
      const pairs = this.overlaps(atom).map(([a, b]) => [yes(a), yes(b)]);
      this.clauses.push({ ways: [atom.of.map(no), ...pairs], isPositive: false });
    } else if (atom.kind === 'if')
      this.clauses.push({
        ways: [
          [yes(atom.if), no(atom.then)],
          [no(atom.if), no(atom.else)],
        ],
        isPositive: false,
      });
    else if (atom.kind === 'unevaluatedProperties') this.split(atom, false);
  }

  private split(atom: AtomOf<'unevaluatedProperties'>, isWanted: boolean): void {
    const ways = alternativesOf(this.pool, atom, isWanted);
    if (ways !== undefined) this.clauses.push({ ways, isPositive: isWanted });
  }

  private contradicts({ node, yes: isWanted }: Literal): boolean {
    if (!isWanted) return node.atoms.every((atom) => this.plus.has(atom.id)) || (this.mask & typesAgainst(node)) === 0;
    return node.atoms.some((atom) => this.minus.has(atom.id)) || (this.mask & typesFor(node)) === 0;
  }

  private entails({ node, yes: isWanted }: Literal): boolean {
    if (!isWanted) return this.negatives.has(node) || node.atoms.some((atom) => this.minus.has(atom.id));
    return node.atoms.every((atom) => this.plus.has(atom.id));
  }
}

/** The types that a node may let pass. */
function typesFor(node: Node): number {
  return node.atoms.reduce((mask, atom) => (atom.kind === 'type' ? mask & atom.mask : mask), ANY_TYPE);
}

/** The types that a node may refuse. */
function typesAgainst(node: Node): number {
  return node.atoms.reduce((mask, atom) => mask | (atom.kind === 'type' ? ~atom.mask : (ABOUT.get(atom.kind) ?? ANY_TYPE)), 0);
}
