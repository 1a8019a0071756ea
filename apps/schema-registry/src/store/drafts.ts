import type { SchemaExtra } from '#schema';
import type { SentReference } from '../steps/register-request.js';

/** Where a draft stands on its way. A published one's version is then deprecated and retired by itself. */
export type DraftState = 'draft' | 'in review' | 'approved' | 'published' | 'rejected' | 'withdrawn';

/** One step of a draft: who did what, when and why. */
export interface DraftStep {
  readonly action: string;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
}

/** A schema on its way to publication. */
export interface Draft {
  readonly subject: string;
  readonly number: number;
  readonly state: DraftState;
  readonly author: string;
  readonly schema: string;
  readonly references: readonly SentReference[];
  readonly metadata?: SchemaExtra;
  readonly ruleSet?: SchemaExtra;
  /** Until when everybody may comment before it is published. */
  readonly commentsUntil?: number;
  /** Who approved it; each once, the author never. */
  readonly approvedBy: readonly string[];
  /** Why an approver lets it pass although it is undecided whether it is safe. */
  readonly override?: DraftStep;
  readonly steps: readonly DraftStep[];
  /** What it was published as. */
  readonly version?: number;
  readonly id?: number;
}

/** The key of a draft on the topic `schemas`. */
export function draftKey(subject: string, number: number): string {
  return JSON.stringify(['draft', subject, number]);
}

/** Every draft that stands in the topic. */
export class Drafts {
  readonly #bySubject = new Map<string, Map<number, Draft>>();

  /** Takes one record of the topic; false where it is no draft. */
  take(key: string, value: Buffer | undefined): boolean {
    if (!key.startsWith('["draft",')) return false;
    const [, subject, number] = JSON.parse(key) as [string, string, number];
    const drafts = this.#bySubject.get(subject) ?? new Map<number, Draft>();
    if (value === undefined) drafts.delete(number);
    else drafts.set(number, JSON.parse(value.toString('utf8')) as Draft);
    this.#bySubject.set(subject, drafts);
    return true;
  }

  /** The drafts of a subject, oldest first. */
  of(subject: string): Draft[] {
    return [...(this.#bySubject.get(subject)?.values() ?? [])].sort((a, b) => a.number - b.number);
  }

  one(subject: string, number: number): Draft | undefined {
    return this.#bySubject.get(subject)?.get(number);
  }

  /** All drafts, by subject. */
  all(): Draft[] {
    return [...this.#bySubject.keys()].sort().flatMap((subject) => this.of(subject));
  }
}
