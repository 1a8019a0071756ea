import { type Pattern, type Ranges } from '#schema';

/** An automaton over characters with empty steps. State 0 begins; the last one accepts. */
export interface Automaton {
  readonly states: readonly State[];
  readonly accept: number;
}

interface State {
  readonly to: { readonly on: Ranges; readonly next: number }[];
  /** Steps without a character: always, or only where the text begins or ends. */
  readonly empty: { readonly at: 'anywhere' | 'start' | 'end'; readonly next: number }[];
}

/** Thrown for what an automaton of moderate size cannot say: look-arounds inside, back-references, word boundaries, long repeats. */
export class NotRegular extends Error {}

const MAX_STATES = 2_000;
const EVERYTHING: Ranges = [0, 0x10ffff];

/** An automaton for "the pattern occurs in the text". */
export function automatonOf(pattern: Pattern): Automaton {
  return new Maker().make(pattern);
}

class Maker {
  private readonly states: State[] = [];

  make(pattern: Pattern): Automaton {
    const begin = this.state();
    const accept = this.state();
    // The pattern may begin anywhere, and anything may follow it.
    this.states[begin]?.to.push({ on: EVERYTHING, next: begin });
    this.states[accept]?.to.push({ on: EVERYTHING, next: accept });
    this.write(pattern, begin, accept);
    return { states: this.states, accept };
  }

  private state(): number {
    if (this.states.length >= MAX_STATES) throw new NotRegular('is too long');
    return this.states.push({ to: [], empty: [] }) - 1;
  }

  private step(from: number, next: number, at: 'anywhere' | 'start' | 'end' = 'anywhere'): void {
    this.states[from]?.empty.push({ at, next });
  }

  private write(pattern: Pattern, from: number, next: number): void {
    switch (pattern.kind) {
      case 'set':
        this.states[from]?.to.push({ on: pattern.ranges, next });
        return;
      case 'start':
      case 'end':
        this.step(from, next, pattern.kind);
        return;
      case 'choice':
        for (const branch of pattern.of) this.write(branch, from, next);
        return;
      case 'sequence':
        this.step(
          pattern.of.reduce((at, part) => this.after(part, at), from),
          next,
        );
        return;
      case 'repeat':
        this.repeat(pattern.of, pattern.min, pattern.max, from, next);
        return;
      case 'look':
      case 'boundary':
      case 'no-boundary':
      case 'backreference':
        throw new NotRegular('looks around itself');
      default:
        pattern satisfies never;
    }
  }

  private after(part: Pattern, from: number): number {
    const next = this.state();
    this.write(part, from, next);
    return next;
  }

  private repeat(of: Pattern, min: number, max: number, from: number, next: number): void {
    let at = from;
    for (let i = 0; i < min; i++) at = this.after(of, at);
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.state();
      this.step(at, loop);
      this.write(of, loop, loop);
      this.step(loop, next);
      return;
    }
    this.step(at, next);
    for (let i = min; i < max; i++) {
      at = this.after(of, at);
      this.step(at, next);
    }
  }
}
