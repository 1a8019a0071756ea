import type { Fuel } from '../model/holds.js';
import { alphabetOf } from './alphabet.js';
import type { Dfa, Parts } from './dfa.js';

/** What a text must be like. */
export interface Wish {
  readonly wanted: readonly Parts[];
  readonly unwanted: readonly Parts[];
  readonly excluded: readonly string[];
  readonly min: number;
  readonly max: number;
}

/** `all`: every text that fits was represented, so that none at all means that there is none. */
export type Outcome = 'all' | 'gave up';

const MAX_NODES = 20_000;
const DEAD = -1;

interface Step {
  readonly states: readonly number[];
  readonly excluded: number;
  readonly length: number;
  readonly before: Step | undefined;
  readonly point: number;
}

/**
 * Walks the product of all automata, shortest texts first, and yields one text for each way to end in it. Returns `all` when
 * nothing is left to walk.
 */
export function* textsFor(wish: Wish, fuel: Fuel): Generator<string, Outcome> {
  const groups = [...wish.wanted, ...wish.unwanted];
  const dfas = groups.flatMap((parts) => parts.map(({ dfa }) => dfa));
  const trie = new Trie(wish.excluded);
  const alphabet = alphabetOf([...dfas.flatMap(setsOf), ...trie.points()], (steps) => fuel.burn(steps));
  if (alphabet === undefined) return 'gave up';
  const seen = new Set<string>();
  let level: Step[] = [{ states: dfas.map(() => 0), excluded: 0, length: 0, before: undefined, point: 0 }];
  while (level.length > 0) {
    const next: Step[] = [];
    for (const step of level) {
      const { length } = step;
      if (length >= wish.min && isWished(wish, step.states) && !trie.ends(step.excluded)) yield write(step);
      if (length >= wish.max) continue;
      for (const point of alphabet) {
        fuel.burn(1 + dfas.length);
        const states = dfas.map((dfa, i) => dfa.next(step.states[i] ?? 0, point));
        const excluded = trie.next(step.excluded, point);
        const key = `${states.join(',')};${excluded};${Math.min(length + 1, wish.min)}`;
        if (seen.has(key)) continue;
        if (seen.size >= MAX_NODES) return 'gave up';
        seen.add(key);
        next.push({ states, excluded, length: length + 1, before: step, point });
      }
    }
    level = next;
  }
  return 'all';
}

function setsOf(dfa: Dfa): (readonly number[])[] {
  return dfa.automaton.states.flatMap((state) => state.to.map(({ on }) => on));
}

function isWished(wish: Wish, states: readonly number[]): boolean {
  let at = 0;
  const matches = (parts: Parts): boolean => {
    const from = at;
    at += parts.length;
    return parts.every(({ dfa, wanted }, i) => dfa.accepts(states[from + i] ?? 0) === wanted);
  };
  const wanted = wish.wanted.map(matches);
  const unwanted = wish.unwanted.map(matches);
  return wanted.every(Boolean) && !unwanted.some(Boolean);
}

function write(last: Step): string {
  const points: number[] = [];
  for (let step = last; step.before !== undefined; step = step.before) points.push(step.point);
  return points
    .reverse()
    .map((point) => String.fromCodePoint(point))
    .join('');
}

/** The texts that are ruled out one by one. */
class Trie {
  private readonly nodes: { ends: boolean; readonly next: Map<number, number> }[] = [{ ends: false, next: new Map() }];

  constructor(texts: readonly string[]) {
    for (const text of texts) {
      let at = 0;
      for (const char of text) {
        const point = char.codePointAt(0) ?? 0;
        let next = this.nodes[at]?.next.get(point);
        if (next === undefined) {
          next = this.nodes.push({ ends: false, next: new Map() }) - 1;
          this.nodes[at]?.next.set(point, next);
        }
        at = next;
      }
      const node = this.nodes[at];
      if (node !== undefined) node.ends = true;
    }
  }

  next(node: number, point: number): number {
    return this.nodes[node]?.next.get(point) ?? DEAD;
  }

  ends(node: number): boolean {
    return this.nodes[node]?.ends === true;
  }

  points(): number[][] {
    return this.nodes.flatMap(({ next }) => [...next.keys()].map((point) => [point, point]));
  }
}
