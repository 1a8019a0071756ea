import type { FaultCode } from '#faults';
import type { MemberId } from './names.js';
import type { Outcome } from './outcome.js';

/** Kafka headers as bytes. A name that occurs twice on the wire keeps all its values. */
export type HeaderBytes = Readonly<Record<string, Buffer | readonly Buffer[] | undefined>>;

/** Where a record lies. The offset is a decimal string, since it may exceed 2^53. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** One Kafka record exactly as it arrived. `timestamp` is milliseconds since 1970. */
export interface ReceivedRecord extends Position {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: HeaderBytes;
  readonly timestamp: number;
}

/** One Kafka record to write. The key decides the partition unless `partition` is given. `null` as value is a tombstone. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: Buffer | string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string>>;
  readonly partition?: number;
}

/** What a step says of one record. `libs/stream` alone turns it into Kafka writes. */
export type Verdict =
  /** The outputs are written, and the outcome told to the member where there is one, with the consumed offset. */
  | { readonly kind: 'accepted'; readonly outputs: readonly OutgoingRecord[]; readonly outcome?: MemberOutcome }
  /** Nothing is passed on; the member is told why. */
  | { readonly kind: 'rejected'; readonly outcome: MemberOutcome }
  /** The same id with the same content again: nothing is passed on; the member is told. */
  | { readonly kind: 'duplicate'; readonly outcome: MemberOutcome }
  /** The same id with other content: nothing is passed on; the member is told. */
  | { readonly kind: 'conflict'; readonly outcome: MemberOutcome }
  /** Undecided: the partition stops before this record and is tried again after a pause. */
  | { readonly kind: 'retry'; readonly fault: FaultCode }
  /** The step can never handle it: kept whole as a dead letter; the member is told where it can be. */
  | { readonly kind: 'dead'; readonly fault: FaultCode; readonly outcome?: MemberOutcome };

/** An outcome and whose outcomes topic it goes to. */
export interface MemberOutcome {
  readonly member: MemberId;
  readonly outcome: Outcome;
}
