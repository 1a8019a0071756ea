import type { Pool } from '../model/pool.js';
import type { Value } from '../values/value.js';
import type { Branch } from './branch.js';
import { Alternatives, type Literal, no, type Outcome, sat, UNSAT, unknown, yes } from './outcome.js';

/** What a solver of one type asks of the prover. */
export interface Asking {
  readonly pool: Pool;
  solve(literals: readonly Literal[]): Outcome;
  fits(value: Value): boolean;
  burn(steps?: number): void;
}

/** Some item must be like this; those of one group must be different items. */
interface Duty {
  readonly at: (position: number) => Literal;
  readonly group: number;
}

const MAX_DUTIES = 40;
const MAX_LENGTH = 20_000;
const MAX_UNIQUE = 300;
const MAX_PREFIX = 400;

/** Looks for an array that a branch lets pass: which item does what, and what the others may be. */
export function solveList(branch: Branch, asking: Asking): Outcome {
  return new ListSolver(branch, asking).solve();
}

class ListSolver {
  private readonly items;
  private readonly atMost: { node: Literal['node']; count: number }[];
  private readonly prefix: number;
  private readonly duties: Duty[] = [];
  private readonly isUnique: boolean;
  private readonly needsTwins: boolean;
  private readonly failures = new Alternatives();
  private low: number;
  private high: number;

  constructor(
    private readonly branch: Branch,
    private readonly asking: Asking,
  ) {
    const count = (kind: 'minItems' | 'maxItems', wanted: boolean) => branch.atoms(kind, wanted).map((atom) => atom.count);
    this.low = Math.max(0, ...count('minItems', true), ...count('maxItems', false).map((n) => n + 1));
    this.high = Math.min(...count('maxItems', true), ...count('minItems', false).map((n) => n - 1));
    this.items = branch.atoms('items', true);
    const broken = branch.atoms('items', false);
    this.prefix = Math.max(0, ...[...this.items, ...broken].map((atom) => atom.prefix.length));
    this.atMost = [
      ...branch.atoms('atMost', true).map(({ of, count: n }) => ({ node: of, count: n })),
      ...branch.atoms('atLeast', false).map(({ of, count: n }) => ({ node: of, count: n - 1 })),
    ];
    this.isUnique = branch.atoms('uniqueItems', true).length > 0;
    this.needsTwins = branch.atoms('uniqueItems', false).length > 0;
    for (const atom of broken) this.duties.push({ at: (i) => no(atom.prefix[i] ?? atom.rest), group: -1 - this.duties.length });
  }

  solve(): Outcome {
    const early = this.count() ?? this.reach();
    if (early !== undefined) return early;
    if (this.duties.length > MAX_DUTIES || this.prefix > MAX_PREFIX) return unknown('the arrays need too many different items');
    const found = this.assign(0, new Map(), new Map());
    return found === undefined ? this.failures.none() : sat(found);
  }

  /** Turns "at least" into duties, unless it contradicts an "at most" or the length. */
  private count(): Outcome | undefined {
    const atLeast = [
      ...this.branch.atoms('atLeast', true).map(({ of, count }) => ({ node: of, count })),
      ...this.branch.atoms('atMost', false).map(({ of, count }) => ({ node: of, count: count + 1 })),
    ];
    for (const { node, count } of atLeast) {
      if (count > this.high) return UNSAT;
      for (const most of this.atMost) {
        if (count <= most.count) continue;
        const outside = this.asking.solve([yes(node), no(most.node)]);
        if (outside.kind === 'unsat') return outside;
      }
      if (count > MAX_DUTIES) return unknown('contains asks for too many items');
      const group = this.duties.length;
      for (let i = 0; i < count; i++) this.duties.push({ at: () => yes(node), group });
    }
    if (this.needsTwins) this.low = Math.max(this.low, 2);
    return this.low > this.high ? UNSAT : undefined;
  }

  /** Ends arrays before the first place where nothing can stand. */
  private reach(): Outcome | undefined {
    for (let i = 0; i <= this.prefix && i < this.high; i++) {
      const item = this.asking.solve(this.slot(i));
      if (item.kind !== 'unsat') continue;
      this.failures.failed(item);
      this.high = i;
    }
    return this.low > this.high || this.atMost.some((most) => this.forced(most.node) > most.count)
      ? this.failures.none()
      : undefined;
  }

  /** How many items cannot help being of a kind that is counted, whatever else they are. */
  private forced(node: Literal['node']): number {
    const isForced = (position: number): boolean => {
      const item = this.asking.solve([...this.slot(position), no(node)]);
      if (item.kind === 'unsat') this.failures.failed(item);
      return item.kind === 'unsat';
    };
    const inPrefix = Array.from({ length: Math.min(this.prefix, this.low) }, (_, i) => i).filter(isForced).length;
    const after = this.low - this.prefix;
    return inPrefix + (after > 0 && isForced(this.prefix) ? after : 0);
  }

  private slot(position: number): Literal[] {
    return [
      ...this.items.map((atom) => yes(atom.prefix[position] ?? atom.rest)),
      ...this.atMost.filter(({ count }) => count === 0).map(({ node }) => no(node)),
    ];
  }

  /** Gives each duty an item, the rest of the array what may stand there. */
  private assign(
    index: number,
    taken: ReadonlyMap<number, readonly Literal[]>,
    last: ReadonlyMap<number, number>,
  ): Value | undefined {
    const duty = this.duties[index];
    if (duty === undefined) return this.needsTwins ? this.twins(taken) : this.build(taken);
    const before = last.get(duty.group) ?? -1;
    for (const position of this.positions(taken)) {
      if (position <= before) continue;
      this.asking.burn(5);
      const literals = [...(taken.get(position) ?? this.slot(position)), duty.at(position)];
      const item = this.asking.solve(literals);
      this.failures.failed(item);
      if (item.kind !== 'sat') continue;
      const found = this.assign(index + 1, new Map([...taken, [position, literals]]), new Map([...last, [duty.group, position]]));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All places that differ: those with rules of their own, those that have a duty, and one more. */
  private positions(taken: ReadonlyMap<number, unknown>): number[] {
    const end = Math.max(this.prefix, ...[...taken.keys()].map((position) => position + 1));
    return Array.from({ length: Math.min(end + 1, this.high) }, (_, i) => i);
  }

  private twins(taken: ReadonlyMap<number, readonly Literal[]>): Value | undefined {
    const places = this.positions(taken);
    const last = places.at(-1);
    if (last !== undefined && last + 1 < this.high) places.push(last + 1);
    for (const [n, first] of places.entries()) {
      for (const second of places.slice(n + 1)) {
        this.asking.burn(5);
        const literals = [...(taken.get(first) ?? this.slot(first)), ...(taken.get(second) ?? this.slot(second))];
        const item = this.asking.solve(literals);
        this.failures.failed(item);
        if (item.kind !== 'sat') continue;
        const found = this.build(new Map([...taken, [first, literals], [second, literals]]), item.value);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  private build(taken: ReadonlyMap<number, readonly Literal[]>, twin?: Value): Value | undefined {
    const length = Math.max(this.low, ...[...taken.keys()].map((position) => position + 1));
    if (length > (this.isUnique ? MAX_UNIQUE : MAX_LENGTH)) {
      this.failures.gaveUp(`the shortest array that could break has ${length} items`);
      return undefined;
    }
    const list: Value[] = [];
    let filler: Value | undefined;
    for (let i = 0; i < length; i++) {
      const literals = taken.get(i);
      const isFiller = literals === undefined && i >= this.prefix && !this.isUnique;
      const isTwin = twin !== undefined && literals !== undefined && this.isShared(taken, literals);
      const item = isTwin ? twin : isFiller && filler !== undefined ? filler : this.item(i, literals, list);
      if (item === undefined) return undefined;
      if (isFiller) filler = item;
      list.push(item);
    }
    if (this.asking.fits(list)) return list;
    this.failures.gaveUp('an array could not be made to keep contains, uniqueItems and enum at once');
    return undefined;
  }

  private isShared(taken: ReadonlyMap<number, readonly Literal[]>, literals: readonly Literal[]): boolean {
    return [...taken.values()].filter((other) => other === literals).length > 1;
  }

  private item(position: number, literals: readonly Literal[] | undefined, before: readonly Value[]): Value | undefined {
    const base = [...(literals ?? this.slot(position))];
    const { pool } = this.asking;
    if (this.isUnique && before.length > 0) base.push(no(pool.node([pool.enumeration(before)])));
    // What need not be counted by an "at most" had better not be.
    const shy = this.atMost.filter(({ count }) => count > 0).map(({ node }) => no(node));
    const quiet = literals === undefined && shy.length > 0 ? this.asking.solve([...base, ...shy]) : undefined;
    const item = quiet?.kind === 'sat' ? quiet : this.asking.solve(base);
    if (item.kind === 'sat') return item.value;
    this.failures.failed(this.isUnique ? unknown('uniqueItems leaves too few different items') : item);
    return undefined;
  }
}
