import type { Reference } from '#schema';

/** One version of a schema: its text as registered, and the schemas that it refers to. */
export interface SchemaSource {
  readonly text: string;
  readonly references?: readonly Reference[];
}

/** Confluent's levels. The transitive ones look at every earlier version, the others at the last one. */
export const LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type Level = (typeof LEVELS)[number];

/**
 * STRICT asks for every document that JSON Schema lets pass. LENIENT believes that writers send only members that their schema
 * declares and that readers overlook members that theirs does not: what is safe only then is let pass and named as an accepted risk.
 */
export type Policy = 'STRICT' | 'LENIENT';

/** Backward: the candidate reads what was written with an earlier version. Forward: an earlier version reads what the candidate writes. */
export type Direction = 'backward' | 'forward';

/** What is asked: may `candidate` follow `earlier` (oldest first)? */
export interface Question {
  readonly candidate: SchemaSource;
  readonly earlier: readonly SchemaSource[];
  readonly level: Level;
  /** STRICT where it is left out. */
  readonly policy?: Policy;
}

/** One direction towards one earlier version. */
export interface Check {
  readonly direction: Direction;
  /** Index into the `earlier` of the question. */
  readonly earlier: number;
}

/** One thing that differs between two versions, and what that does to readers and writers. */
export interface Change {
  /** JSON pointer into the schema named by `of`, with the name of the reference in front where it stands in one: `name#/…`. */
  readonly pointer: string;
  readonly of: 'earlier' | 'candidate';
  readonly keyword: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** What the keyword was and is, as JSON, shortened. */
  readonly from?: string;
  readonly to?: string;
  /** Taken by itself: does the candidate read old documents, do old readers read the candidate's? `open` where that was not decided. */
  readonly backward: Safety;
  readonly forward: Safety;
  /** Which rule covers it, by name and in words. */
  readonly rule: string;
  readonly words: string;
  /** Present where a member came or went: its name, and how the version that does not declare it treats such members. */
  readonly member?: { readonly name: string; readonly model: ContentModel };
}

/** How an object schema treats members that it does not declare: all pass, none does, or those that keep a rule. */
export type ContentModel = 'open' | 'closed' | 'partly open';

export type Safety = 'safe' | 'breaking' | 'open';

/** A document that one version accepts and the other refuses, asked of the validator that the road uses. */
export interface Break extends Check {
  /** The document as JSON text. Text, since it may hold numbers that no double holds. */
  readonly witness: string;
  /**
   * `validator`: both versions were asked by compiling them. `arithmetic`: the document or a schema has a number that no double
   * holds, so that it was judged with exact decimals.
   */
  readonly verifiedBy: 'validator' | 'arithmetic';
  readonly acceptedBy: 'earlier' | 'candidate';
  /** The place in the document that the other version refuses first. */
  readonly instance: string;
  /** Pointers to what changed: the rule that refuses the document, then the changes that break this direction. */
  readonly pointers: readonly { readonly of: 'earlier' | 'candidate'; readonly pointer: string }[];
  readonly words: string;
  /** Present where the break is about members that a schema does not name: why, and the ways out. */
  readonly contentModel?: string;
}

/** Why no verdict was reached for one check. */
export interface Undecided extends Check {
  readonly code: 'UNREADABLE' | 'UNKNOWN_KEYWORD_USE' | 'BUDGET';
  readonly reason: string;
}

/** The answer. `undecided` is to be treated as incompatible unless a person overrides it in writing. */
export type Verdict =
  | {
      readonly verdict: 'compatible';
      /** What changed and which rule covers it, towards the last earlier version. Empty where nothing that matters changed. */
      readonly argument: readonly Change[];
      /** Only with policy LENIENT: what would break if a writer sent members that its schema does not declare. */
      readonly acceptedRisks: readonly Break[];
    }
  | {
      readonly verdict: 'incompatible';
      readonly breaks: readonly Break[];
      readonly undecided: readonly Undecided[];
      /** What differs from the last earlier version that could be read. */
      readonly changes: readonly Change[];
    }
  | { readonly verdict: 'undecided'; readonly undecided: readonly Undecided[]; readonly changes: readonly Change[] };
