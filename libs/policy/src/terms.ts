import type { MemberId, RecordType, SubsystemId } from '#record';

/** How much protection a field or record needs, the least first: the words of `x-khidi-classification`. */
export const CLASSES = ['public', 'internal', 'personal', 'special'] as const;
export type Classification = (typeof CLASSES)[number];

/** How the origin of a record was proved, the weakest first: by the right to write to a topic, a TLS certificate, an origin seal. */
export const ORIGINS = ['topic', 'mtls', 'seal'] as const;
export type OriginStrength = (typeof ORIGINS)[number];

/** An instant in UTC to the second, `2026-05-03T00:00:00Z`. One form only, since it is part of what is signed. */
export type Instant = string;

/** The law that something rests on. */
export interface LegalBasis {
  /** The law and the place in it, 1 to 500 characters. */
  readonly text: string;
  /** Its European Legislation Identifier, where it has one. */
  readonly eli?: string;
}

/** One entry of the purpose register. */
export interface Purpose {
  /** `[a-z0-9-]`, 1 to 64 characters. */
  readonly id: string;
  readonly title: string;
  readonly basis: LegalBasis;
  readonly from: Instant;
  /** The first instant at which the basis holds no more; absent: until further notice. */
  readonly until?: Instant;
}

/** At most `records` in each `per`. */
export interface Quota {
  readonly records: number;
  readonly per: 'minute' | 'hour' | 'day';
}

/** A list of JSON pointers (RFC 6901), each with all that is below it, or the whole record. `*` stands for any one segment. */
export type Fields = readonly string[] | 'record';

/** Until when deliveries are not shown to their subjects, and the law that says so. */
export interface Undisclosed {
  readonly until: Instant;
  readonly basis: LegalBasis;
}

/** One version of what provider and consumer agree on; both sign its text. */
export interface AgreementTerms {
  /** `[a-z0-9-]`, 1 to 64 characters; the same in all versions. */
  readonly id: string;
  /** 1, 2, …; of the versions that have begun the highest one counts, and those below it never again. */
  readonly version: number;
  /** The member whose records are given, the subsystem that gets them, and their type: the same in all versions. */
  readonly provider: MemberId;
  readonly consumer: SubsystemId;
  readonly type: RecordType;
  /** The id of a purpose. */
  readonly purpose: string;
  readonly fields: Fields;
  /** Fields classed `special` leave on this basis only. */
  readonly specialBasis?: LegalBasis;
  readonly quota: Quota;
  readonly from: Instant;
  /** The first instant at which it is no longer in force. */
  readonly until: Instant;
  /** Records whose origin is proved less well are not given. */
  readonly origin: OriginStrength;
  /** How long the consumer may keep a record: a duration like P1Y. */
  readonly retention: string;
  /** A member that may act for the consumer. */
  readonly delegate?: MemberId;
  /** Whether the consumer sees the registry's pseudonyms of subjects or pseudonyms of its own. */
  readonly pseudonym: 'registry' | 'consumer';
  /** Whether deliveries are encrypted to the consumer's key. */
  readonly encryption: 'none' | 'consumer';
  /** Where a law wants it: until when the subjects of deliveries under this version do not learn of them. No later version moves that day. */
  readonly undisclosed?: Undisclosed;
  /** Within how long the consumer proves each delivery by a signed receipt, as `PT30M`, `PT4H` or `P2D`; absent: none is asked for. */
  readonly receipts?: string;
  /**
   * How delivery begins. Absent: with the registry as it is, then its changes. `changes`: with what is sealed from the first instant on at which
   * a version of the agreement was in force; nothing older is given. There is no word for the former, so that the same terms have one text.
   */
  readonly begins?: 'changes';
}
