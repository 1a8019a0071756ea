/** What a schema or an operator may ask of a scheme: reject what does not hold, tell it beside the record, or ask nothing. */
export const POLICIES = ['enforce', 'warn', 'off'] as const;
export type Policy = (typeof POLICIES)[number];

/** What an identifier stands for. */
export type Bearer = 'person' | 'legal-person' | 'parcel' | 'vehicle';

/** One thing that an identifier of a scheme must have, and how much weight its source carries. */
export interface Rule {
  /** Linear in the length of the text. Asked only where the rules before it hold. */
  readonly holds: (text: string) => boolean;
  /** What becomes of a record where it does not hold, as long as nobody sets another policy for the scheme. */
  readonly policy: Exclude<Policy, 'off'>;
  /** Whether it never rejects, whatever the policy: the source is too thin, or the scheme is lawful without it. */
  readonly warnsAtMost?: true;
}

/** One scheme of identifiers, with nothing in it that was not published. */
export interface Scheme {
  /** ISO 3166-1 alpha-2; absent where the scheme belongs to no country. */
  readonly country?: string;
  readonly bearer: Bearer;
  /** The name of the number in its own language and in English: a BCP 47 language map. */
  readonly names: Readonly<Record<string, string>>;
  /** Length and alphabet in words. */
  readonly form: string;
  /** Length and alphabet. */
  readonly hasForm: Rule;
  /** In words: what stands inside the number, where that is published. */
  readonly parts?: string;
  /** Whether the parts can be what they say, such as a day that the calendar has. */
  readonly hasParts?: Rule;
  /** In words: the arithmetic, or why there is none. */
  readonly check: string;
  /** Whether the check digit holds; absent where no arithmetic is published, and then none is ever tried. */
  readonly hasCheckDigit?: Rule;
  /** A synthetic number of which everything holds; of a person, one born in 2099 or later. */
  readonly example: string;
  /** The law, standard or public source that says so. */
  readonly source: string;
}

/** A rule by pattern. */
export function matches(pattern: RegExp, policy: Rule['policy'] = 'enforce'): Rule {
  return { holds: (text) => pattern.test(text), policy };
}

/** Keeps the names of a table's schemes as literal types. */
export function schemes<const T extends Readonly<Record<string, Scheme>>>(table: T): T {
  return table;
}
