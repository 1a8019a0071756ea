import type { AtomOf, Node } from '../model/atoms.js';
import { type Fuel, Judge, OutOfSteps } from '../model/holds.js';
import type { Pool } from '../model/pool.js';
import { NumberTooLarge } from '../values/decimal.js';
import { NUMBER, TYPES, typeOf, type Value } from '../values/value.js';
import { Branch } from './branch.js';
import { type Asking, solveList } from './lists.js';
import { solveMap } from './maps.js';
import { solveNumber } from './numbers.js';
import { Alternatives, type Literal, no, type Outcome, sat, UNSAT, unknown, yes } from './outcome.js';
import { solveText } from './strings.js';

const MAX_DEPTH = 400;
const MAX_PAIRS = 400;
const MAX_OVERLAPS = 2_000;
const MAX_COVERS = 20;
const MAX_PROBES = 200;
const KEPT_FOR_SECOND = 0.6;
const EACH_TYPE = Object.values(TYPES);

/**
 * Looks for a value that satisfies some literals at once, or shows that there is none. "None" is certain: what the search leaves out is
 * said with `unknown`. Schemas that lead back to themselves are dealt with by descent: a smallest value that satisfies a
 * goal has no smaller one inside, so that a goal which is met again further down needs no second look.
 */
export class Prover {
  private readonly judge: Judge;
  private readonly settled = new Map<string, Outcome>();
  private readonly open = new Map<string, number>();
  private isPositiveFirst = true;
  private readonly overlapping = new Map<number, readonly (readonly [Node, Node])[]>();

  constructor(
    private readonly pool: Pool,
    occurs: (pattern: string, text: string) => boolean,
    private readonly fuel: Fuel,
  ) {
    this.judge = new Judge(occurs, fuel);
  }

  /** Whether any value satisfies all literals. Runs out of steps with `unknown`, never with an exception. */
  ask(literals: readonly Literal[]): Outcome {
    // What is good to choose first differs from schema to schema, so that the second way gets its turn when the first takes long.
    this.fuel.keep(KEPT_FOR_SECOND);
    this.isPositiveFirst = true;
    const first = this.attempt(literals);
    this.fuel.keep(0);
    if (first !== undefined) return first;
    this.isPositiveFirst = false;
    return this.attempt(literals) ?? unknown('comparing takes more steps than it may');
  }

  private attempt(literals: readonly Literal[]): Outcome | undefined {
    this.open.clear();
    this.overlapping.clear();
    try {
      return this.solve(literals);
    } catch (error) {
      if (error instanceof OutOfSteps) return undefined;
      if (error instanceof NumberTooLarge) return unknown(error.message);
      if (error instanceof RangeError) return unknown('the schemas nest too deeply');
      throw error;
    }
  }

  private solve(given: readonly Literal[]): Outcome {
    const literals = [...new Map(given.map((literal) => [keyOf(literal), literal])).values()];
    const key = goalKey(literals);
    const known = this.settled.get(key);
    if (known !== undefined) return known;
    const above = this.open.get(key);
    if (above !== undefined) return { kind: 'unsat', rests: above };
    const depth = this.open.size;
    if (depth > MAX_DEPTH) return unknown('the schemas nest too deeply');
    this.fuel.burn(10);
    this.open.set(key, depth);
    const branch = new Branch(this.pool, (atom) => this.overlapsOf(atom));
    branch.add(literals);
    const outcome = this.search(branch, literals);
    this.open.delete(key);
    return this.settle(key, outcome, depth);
  }

  /** What rests on a goal further up holds only below it. */
  private settle(key: string, outcome: Outcome, depth: number): Outcome {
    if (outcome.kind === 'unsat' && outcome.rests < depth) return outcome;
    const settled = outcome.kind === 'unsat' ? UNSAT : outcome;
    this.settled.set(key, settled);
    return settled;
  }

  private search(branch: Branch, goal: readonly Literal[]): Outcome {
    const isSolution = (value: Value): boolean => this.satisfies(value, goal);
    const struck = new Alternatives();
    for (;;) {
      this.fuel.burn(branch.propagate());
      if (branch.isClosed) return struck.none();
      const candidates = branch.candidates();
      if (candidates !== undefined) {
        const found = candidates.find(isSolution);
        return found === undefined ? UNSAT : sat(found);
      }
      const failures = new Alternatives();
      const found = this.byType(branch, isSolution, failures, struck);
      if (found !== undefined) return sat(found);
      if (branch.mask === 0) return struck.none();
      if (branch.clauses.length === 0) return failures.none();
      const covered = this.coveredPair(branch);
      if (covered !== undefined) return covered;
      if (!this.probe(branch, struck)) return this.choose(branch, goal, struck);
    }
  }

  /**
   * Tries each way of each clause by itself and strikes out those that contradict what is decided already. Says whether that leaves a
   * clause with one way or none, so that there is something to follow before anything is chosen.
   */
  private probe(branch: Branch, struck: Alternatives): boolean {
    const ways = branch.clauses.reduce((sum, clause) => sum + clause.ways.length, 0);
    if (branch.clauses.length < 2 || ways > MAX_PROBES) return false;
    let isMoving = false;
    const decided = branch.copy();
    decided.clauses = [];
    for (const [i, clause] of branch.clauses.entries()) {
      const left = clause.ways.filter((way) => {
        const outcome = this.possible(decided, way);
        if (outcome.kind === 'unsat') struck.failed(outcome);
        return outcome.kind !== 'unsat';
      });
      if (left.length === clause.ways.length) continue;
      branch.clauses[i] = { ...clause, ways: left };
      if (left.length > 1) continue;
      isMoving = true;
      if (left.length === 0) break;
    }
    return isMoving;
  }

  /** Whether a way does not contradict the decided part by itself, as far as the types can tell. */
  private possible(decided: Branch, way: readonly Literal[]): Outcome {
    const branch = decided.copy();
    branch.add(way);
    this.fuel.burn(branch.propagate());
    if (branch.isClosed) return UNSAT;
    const failures = new Alternatives();
    for (const type of EACH_TYPE) {
      if ((branch.mask & type) === 0) continue;
      const outcome = this.ofType(branch, type);
      if (outcome.kind !== 'unsat') return outcome;
      failures.failed(outcome);
    }
    return failures.none();
  }

  /**
   * Asks each type by itself what it makes of the branch as far as it is decided. Types without a solution are struck out, and a
   * solution that happens to satisfy the whole goal ends the search.
   */
  private byType(
    branch: Branch,
    isSolution: (value: Value) => boolean,
    failures: Alternatives,
    struck: Alternatives,
  ): Value | undefined {
    for (const type of EACH_TYPE) {
      if ((branch.mask & type) === 0) continue;
      const outcome = this.ofType(branch, type);
      if (outcome.kind === 'sat' && isSolution(outcome.value)) return outcome.value;
      if (outcome.kind === 'unsat') {
        branch.mask &= ~type;
        struck.failed(outcome);
      }
      failures.failed(outcome.kind === 'sat' ? unknown('no value was found that keeps all rules at once') : outcome);
    }
    return undefined;
  }

  private ofType(branch: Branch, type: number): Outcome {
    const fits = (value: Value): boolean =>
      typeOf(value) === type &&
      [...branch.plus.values()].every((atom) => isChoice(atom.kind) || this.judge.holds(atom, value)) &&
      [...branch.minus.values()].every((atom) => isChoice(atom.kind) || !this.judge.holds(atom, value));
    const asking: Asking = {
      pool: this.pool,
      solve: (literals) => this.solve(literals),
      fits,
      burn: (steps) => this.fuel.burn(steps),
    };
    if (type & NUMBER) return solveNumber(branch, type, fits);
    if (type === TYPES.string) return solveText(branch, fits, this.fuel);
    if (type === TYPES.array) return solveList(branch, asking);
    if (type === TYPES.object) return solveMap(branch, asking, this.judge);
    const values: Value[] = type === TYPES.null ? [null] : [true, false];
    const found = values.find(fits);
    return found === undefined ? UNSAT : sat(found);
  }

  /**
   * Whether one part that must hold lies wholly within one that must not: then there is nothing to choose. Parts that look alike are
   * asked first.
   */
  private coveredPair(branch: Branch): Outcome | undefined {
    const negatives = [...branch.negatives].filter((node) => node.atoms.length > 1);
    if (branch.positives.size * negatives.length > MAX_PAIRS) return undefined;
    const pairs = negatives.flatMap((negative) =>
      [...branch.positives].map((positive) => ({ positive, negative, likeness: likenessOf(positive, negative) })),
    );
    pairs.sort((a, b) => b.likeness - a.likeness);
    for (const { positive, negative } of pairs.slice(0, MAX_COVERS)) {
      const pair = [yes(positive), no(negative)];
      if (this.open.has(goalKey(pair))) continue; // a goal of this very value, which is no smaller one
      const outcome = this.solve(pair);
      if (outcome.kind === 'unsat') return outcome;
    }
    return undefined;
  }

  private choose(branch: Branch, goal: readonly Literal[], struck: Alternatives): Outcome {
    const preferred = branch.clauses.filter((one) => one.isPositive === this.isPositiveFirst);
    const clause = (preferred.length > 0 ? preferred : branch.clauses).reduce((a, b) => (b.ways.length < a.ways.length ? b : a));
    const rest = branch.clauses.filter((other) => other !== clause);
    const decided = new Alternatives();
    for (const way of clause.ways) {
      const next = branch.copy();
      next.clauses = [...rest];
      next.add(way);
      const outcome = this.search(next, goal);
      if (outcome.kind === 'sat') return outcome;
      decided.failed(outcome);
    }
    decided.failed(struck.none()); // what was struck out may rest on a goal further up
    return decided.none();
  }

  private satisfies(value: Value, literals: readonly Literal[]): boolean {
    return literals.every(({ node, yes: isWanted }) => this.judge.accepts(node, value) === isWanted);
  }

  /** The pairs of branches of a `oneOf` that can hold together. */
  private overlapsOf(atom: AtomOf<'oneOf'>): readonly (readonly [Node, Node])[] {
    const known = this.overlapping.get(atom.id);
    if (known !== undefined) return known;
    const pairs = atom.of.flatMap((a, i) => atom.of.slice(i + 1).map((b) => [a, b] as const));
    this.overlapping.set(atom.id, pairs); // until more is known, and while it is being found out
    if (pairs.length > MAX_OVERLAPS) return pairs;
    const open = new Map(this.open);
    // What is found out here is kept for good, so it must not rest on the goals that happen to be open.
    this.open.clear();
    const overlapping = pairs.filter(([a, b]) => this.solve([yes(a), yes(b)]).kind !== 'unsat');
    for (const [key, depth] of open) this.open.set(key, depth);
    this.overlapping.set(atom.id, overlapping);
    return overlapping;
  }
}

const keyOf = ({ node, yes: isWanted }: Literal): string => `${isWanted ? '+' : '-'}${node.id}`;

const goalKey = (literals: readonly Literal[]): string => literals.map(keyOf).sort().join(',');

/** How much two parts have in common: atoms, and members that are declared alike. */
function likenessOf(a: Node, b: Node): number {
  const parts = (node: Node): Set<string> =>
    new Set(
      node.atoms.flatMap((atom) => [
        `${atom.id}`,
        ...(atom.kind === 'members' ? [...atom.properties].map(([name, { id }]) => `${name} ${id}`) : []),
      ]),
    );
  const of = parts(a);
  return [...parts(b)].filter((part) => of.has(part)).length;
}

const CHOICES = new Set(['anyOf', 'oneOf', 'if', 'not', '$ref', 'unevaluatedProperties']);
/** What is decided by choosing is not asked of the value of one choice. */
const isChoice = (kind: string): boolean => CHOICES.has(kind);
