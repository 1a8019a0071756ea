import type { AtomOf, Node } from '../model/atoms.js';
import type { Judge } from '../model/holds.js';
import { TYPES, type Value } from '../values/value.js';
import type { Branch } from './branch.js';
import type { Asking } from './lists.js';
import { Alternatives, type Literal, no, type Outcome, sat, UNSAT, yes } from './outcome.js';

/** One way to do a duty: a member of this name that is like this. */
interface Way {
  readonly name: string;
  readonly literals: readonly Literal[];
}

const MAX_REGIONS = 64;
const CROWDED = 'maxProperties leaves too little room for the names that are looked for';
const MAX_MEMBERS = 2_000;

/** Looks for an object that a branch lets pass: which members it has, which of them breaks a rule, and what the others may be. */
export function solveMap(branch: Branch, asking: Asking, judge: Judge): Outcome {
  return new MapSolver(branch, asking, judge).solve();
}

class MapSolver {
  private readonly members: readonly AtomOf<'members'>[];
  private readonly broken: readonly AtomOf<'members'>[];
  private readonly naming: readonly Node[];
  private readonly misnaming: readonly Node[];
  private readonly required: readonly string[];
  private readonly absent: ReadonlySet<string>;
  private readonly names: readonly string[];
  private readonly failures = new Alternatives();
  private readonly low: number;
  private readonly high: number;

  constructor(
    branch: Branch,
    private readonly asking: Asking,
    private readonly judge: Judge,
  ) {
    const count = (kind: 'minProperties' | 'maxProperties', wanted: boolean) =>
      branch.atoms(kind, wanted).map((atom) => atom.count);
    this.low = Math.max(0, ...count('minProperties', true), ...count('maxProperties', false).map((n) => n + 1));
    this.high = Math.min(...count('maxProperties', true), ...count('minProperties', false).map((n) => n - 1));
    this.members = branch.atoms('members', true);
    this.broken = branch.atoms('members', false);
    this.naming = branch.atoms('propertyNames', true).map(({ of }) => of);
    this.misnaming = branch.atoms('propertyNames', false).map(({ of }) => of);
    this.required = branch.atoms('required', true).map(({ name }) => name);
    this.absent = new Set(branch.atoms('required', false).map(({ name }) => name));
    const declared = [...this.broken, ...this.members].flatMap(({ properties }) => [...properties.keys()]);
    this.names = [...new Set([...this.required, ...declared])].filter((name) => !this.absent.has(name));
  }

  solve(): Outcome {
    if (this.low > this.high || this.required.length > this.high) return UNSAT;
    for (const name of this.required) {
      if (this.absent.has(name) || !this.isNameable(name)) return UNSAT;
      const member = this.asking.solve(this.slot(name));
      if (member.kind === 'unsat') return member;
    }
    const found = this.assign(0, new Map());
    return found === undefined ? this.failures.none() : sat(found);
  }

  /** Gives each broken rule a member that breaks it. */
  private assign(index: number, taken: ReadonlyMap<string, readonly Literal[]>): Value | undefined {
    const ways = this.waysOf(index, taken);
    if (ways === undefined) return this.build(taken);
    for (const { name, literals: more } of ways) {
      this.asking.burn(5);
      const literals = [...(taken.get(name) ?? this.slot(name)), ...more];
      const isNew = !taken.has(name) && !this.required.includes(name);
      if (isNew && this.sizeOf(taken) >= this.high) {
        // One new name might do two duties at once, but for that it would have to be looked for with both in mind.
        if (this.misnaming.length > 0 && this.misnaming.length + this.broken.length > 1) this.failures.gaveUp(CROWDED);
        continue;
      }
      const member = this.asking.solve(literals);
      this.failures.failed(member);
      if (member.kind !== 'sat') continue;
      const found = this.assign(index + 1, new Map([...taken, [name, literals]]));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private sizeOf(taken: ReadonlyMap<string, unknown>): number {
    return new Set([...this.required, ...taken.keys()]).size;
  }

  /** All ways to do the duty of a number; undefined after the last one. */
  private waysOf(index: number, taken: ReadonlyMap<string, unknown>): Iterable<Way> | undefined {
    const rule = this.broken[index];
    if (rule !== undefined) return this.waysToBreak(rule, taken);
    const naming = this.misnaming[index - this.broken.length];
    return naming === undefined ? undefined : this.waysToMisname(naming, taken);
  }

  private *waysToBreak(rule: AtomOf<'members'>, taken: ReadonlyMap<string, unknown>): Generator<Way> {
    const breaks = (name: string): Way[] =>
      this.judge
        .schemasFor(rule, name)
        .filter((node) => node.atoms.length > 0)
        .map((node) => ({ name, literals: [no(node)] }));
    for (const name of this.known(taken)) yield* breaks(name);
    for (const name of this.fresh(taken, [])) yield* breaks(name);
  }

  private *waysToMisname(naming: Node, taken: ReadonlyMap<string, unknown>): Generator<Way> {
    for (const name of this.known(taken)) if (!this.judge.accepts(naming, name)) yield { name, literals: [] };
    for (const name of this.fresh(taken, [no(naming)])) yield { name, literals: [] };
  }

  private known(taken: ReadonlyMap<string, unknown>): string[] {
    return [...new Set([...this.names, ...taken.keys()])].filter((name) => this.isNameable(name));
  }

  /** Names that nobody has named yet: one for each combination of patterns that a name can have. */
  private *fresh(taken: ReadonlyMap<string, unknown>, wanted: readonly Literal[]): Generator<string> {
    const { pool } = this.asking;
    const patterns = [...new Set([...this.members, ...this.broken].flatMap((atom) => atom.patterns.map(([pattern]) => pattern)))];
    let regions: Literal[][] = [[...wanted]];
    for (const text of patterns) {
      const node = pool.node([pool.atom({ kind: 'pattern', text })]);
      regions = regions.flatMap((region) => [
        [...region, no(node)],
        [...region, yes(node)],
      ]);
      regions = regions.filter((region) => this.nameIn(region, taken) !== UNSAT);
      if (regions.length > MAX_REGIONS) {
        this.failures.gaveUp('patternProperties has too many patterns that one name can have together');
        return;
      }
    }
    for (const region of regions) {
      const found = this.nameIn(region, taken);
      if (found.kind === 'sat' && typeof found.value === 'string') yield found.value;
    }
  }

  private nameIn(region: readonly Literal[], taken: ReadonlyMap<string, unknown>): Outcome {
    const { pool } = this.asking;
    const text = pool.node([pool.atom({ kind: 'type', mask: TYPES.string })]);
    const used = [...new Set([...this.names, ...this.absent, ...taken.keys()])];
    const unused = used.length === 0 ? [] : [no(pool.node([pool.enumeration(used)]))];
    const found = this.asking.solve([yes(text), ...this.naming.map(yes), ...unused, ...region]);
    this.failures.failed(found);
    return found.kind === 'unsat' ? UNSAT : found;
  }

  private isNameable(name: string): boolean {
    return !this.absent.has(name) && this.naming.every((node) => this.judge.accepts(node, name));
  }

  private slot(name: string): Literal[] {
    return this.members.flatMap((atom) => this.judge.schemasFor(atom, name).map(yes));
  }

  private build(taken: ReadonlyMap<string, readonly Literal[]>): Value | undefined {
    const map = new Map<string, Value>();
    for (const name of new Set([...this.required, ...taken.keys()])) {
      const member = this.asking.solve(taken.get(name) ?? this.slot(name));
      if (member.kind !== 'sat') {
        this.failures.failed(member);
        return undefined;
      }
      map.set(name, member.value);
    }
    // A rule such as `enum` may forbid just this object; one or two members more make another one.
    const size = Math.max(this.low, map.size);
    if (!this.fill(map, size)) return undefined;
    for (let more = 1; map.size <= this.high; more++) {
      if (this.asking.fits(map)) return map;
      if (more > 2 || !this.fill(map, size + more)) break;
    }
    this.failures.gaveUp('an object could not be made to keep enum and the number of members at once');
    return undefined;
  }

  /** Adds members until there are `size`. */
  private fill(map: Map<string, Value>, size: number): boolean {
    if (size > MAX_MEMBERS) {
      this.failures.gaveUp(`the smallest object that could break has ${size} members`);
      return false;
    }
    const add = (name: string): void => {
      const member = this.asking.solve(this.slot(name));
      this.failures.failed(member);
      if (member.kind === 'sat') map.set(name, member.value);
    };
    for (const name of this.names) if (map.size < size && !map.has(name) && this.isNameable(name)) add(name);
    while (map.size < size) {
      const before = map.size;
      for (const name of this.fresh(map, [])) {
        add(name);
        if (map.size >= size) break;
      }
      if (map.size === before) return false;
    }
    return true;
  }
}
