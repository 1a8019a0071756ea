import type { Node } from '../model/atoms.js';
import type { Value } from '../values/value.js';

/** "The value satisfies the node", or "does not". */
export interface Literal {
  readonly node: Node;
  readonly yes: boolean;
}
export const yes = (node: Node): Literal => ({ node, yes: true });
export const no = (node: Node): Literal => ({ node, yes: false });

/**
 * Whether a value exists that satisfies some literals at once. `unsat` may rest on the assumption that a goal further up has no
 * smaller solution: `rests` is the depth of the uppermost one, infinite where there is none.
 */
export type Outcome =
  | { readonly kind: 'sat'; readonly value: Value }
  | { readonly kind: 'unsat'; readonly rests: number }
  | { readonly kind: 'unknown'; readonly why: string };

export const UNSAT: Outcome & { kind: 'unsat' } = { kind: 'unsat', rests: Number.POSITIVE_INFINITY };
export const sat = (value: Value): Outcome => ({ kind: 'sat', value });
export const unknown = (why: string): Outcome & { kind: 'unknown' } => ({ kind: 'unknown', why });

/** Collects what became of alternatives: one solution suffices, and only if all have none there is none. */
export class Alternatives {
  private rests = Number.POSITIVE_INFINITY;
  private why: string | undefined;

  /** Notes an alternative without a solution. */
  failed(outcome: Outcome): void {
    if (outcome.kind === 'unsat') this.rests = Math.min(this.rests, outcome.rests);
    else if (outcome.kind === 'unknown') this.why ??= outcome.why;
  }

  gaveUp(why: string): void {
    this.why ??= why;
  }

  none(): Outcome & { kind: 'unsat' | 'unknown' } {
    return this.why === undefined ? { kind: 'unsat', rests: this.rests } : unknown(this.why);
  }
}
