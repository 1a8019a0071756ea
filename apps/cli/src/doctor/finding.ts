import type { Instance } from '#settings';

/** `well`: nothing to do. `watch`: works, look at it soon. `ill`: does not work, or will stop. `unknown`: could not be looked at. */
export type Condition = 'well' | 'watch' | 'ill' | 'unknown';

/** What one look found. Texts hold names, counts and codes only: they go into a bundle for strangers. */
export interface Finding {
  readonly check: string;
  readonly condition: Condition;
  /** What was seen. */
  readonly seen: string;
  /** What to do about it; present unless all is well. */
  readonly next?: string;
}

/** One thing to look at, by itself: what it throws concerns no other check. */
export interface Check {
  readonly name: string;
  look(patient: Patient): Promise<readonly Finding[]> | readonly Finding[];
  /** What to do where it cannot be looked at at all. */
  readonly otherwise: string;
}

/** The instance and what is known of it. `now` is asked again for each comparison of clocks. */
export interface Patient {
  readonly instance: Instance;
  readonly folder: string;
  readonly now: () => Date;
}

/** All is well. */
export const well = (check: string, seen: string): Finding => ({ check, condition: 'well', seen });

/** Something is to be done. */
export const wrong = (check: string, condition: Exclude<Condition, 'well'>, seen: string, next: string): Finding => ({
  check,
  condition,
  seen,
  next,
});
