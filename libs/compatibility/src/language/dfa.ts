import { type Pattern, readPattern } from '#schema';
import { type Automaton, automatonOf, NotRegular } from './nfa.js';

/** A pattern as automata that must all say what is wanted of them. */
export type Parts = readonly { readonly dfa: Dfa; readonly wanted: boolean }[];

const known = new Map<string, Parts | undefined>();
const MAX_KNOWN = 500;

/** The automata of a pattern; undefined where automata cannot say it. Look-aheads are read where they stand at the very beginning. */
export function partsOf(text: string): Parts | undefined {
  if (known.has(text)) return known.get(text);
  if (known.size >= MAX_KNOWN) known.clear();
  const parts = read(text);
  known.set(text, parts);
  return parts;
}

function read(text: string): Parts | undefined {
  try {
    return split(readPattern(text)).map(({ pattern, wanted }) => ({ dfa: new Dfa(automatonOf(pattern)), wanted }));
  } catch (error) {
    if (error instanceof NotRegular) return undefined;
    throw error;
  }
}

function split(pattern: Pattern): { pattern: Pattern; wanted: boolean }[] {
  const parts = pattern.kind === 'sequence' ? pattern.of : [];
  const looks = [];
  for (const part of parts.slice(1)) {
    if (part.kind !== 'look' || part.behind) break;
    looks.push(part);
  }
  if (parts[0]?.kind !== 'start' || looks.length === 0) return [{ pattern, wanted: true }];
  const start: Pattern = { kind: 'start' };
  const tied = (of: Pattern): Pattern => ({ kind: 'sequence', of: [start, of] });
  return [
    { pattern: { kind: 'sequence', of: [start, ...parts.slice(1 + looks.length)] }, wanted: true },
    ...looks.map((look) => ({ pattern: tied(look.of), wanted: !look.negated })),
  ];
}

/** An automaton made deterministic as far as it is walked. State 0 is the beginning of the text. */
export class Dfa {
  private readonly sets: (readonly number[])[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly steps: Map<number, number>[] = [];
  private readonly accepting: (boolean | undefined)[] = [];

  constructor(readonly automaton: Automaton) {
    this.number(this.closure([0], ['anywhere', 'start']), 'start');
  }

  next(state: number, point: number): number {
    const known = this.steps[state]?.get(point);
    if (known !== undefined) return known;
    const reached: number[] = [];
    for (const at of this.sets[state] ?? [])
      for (const { on, next } of this.automaton.states[at]?.to ?? []) if (includes(on, point)) reached.push(next);
    const next = this.number(this.closure(reached, ['anywhere']), '');
    this.steps[state]?.set(point, next);
    return next;
  }

  accepts(state: number): boolean {
    const known = this.accepting[state];
    if (known !== undefined) return known;
    const at = state === 0 ? (['anywhere', 'start', 'end'] as const) : (['anywhere', 'end'] as const);
    const accepts = this.closure(this.sets[state] ?? [], at).includes(this.automaton.accept);
    this.accepting[state] = accepts;
    return accepts;
  }

  private number(set: readonly number[], mark: string): number {
    const key = `${mark}${set.join(',')}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.sets.push(set) - 1;
      this.numbers.set(key, number);
      this.steps.push(new Map());
    }
    return number;
  }

  private closure(from: readonly number[], at: readonly ('anywhere' | 'start' | 'end')[]): number[] {
    const found = new Set(from);
    for (const state of found)
      for (const step of this.automaton.states[state]?.empty ?? []) if (at.includes(step.at)) found.add(step.next);
    return [...found].sort((a, b) => a - b);
  }
}

function includes(ranges: readonly number[], point: number): boolean {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (point < (ranges[2 * middle] ?? 0)) high = middle - 1;
    else if (point > (ranges[2 * middle + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}
