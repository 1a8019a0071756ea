import type { FaultReport } from '#faults';
import type { RecordType, SubsystemId } from './names.js';

/** The topic of {@link Handover}s, keyed by `<consumer>|<record type>`. */
export const HANDOVER_TOPIC = 'handovers';

/** The topic of the receipts that consumers brought back, compact JWS, keyed by `<consumer>|<record type>`. */
export const RECEIPT_TOPIC = 'receipts';

/** What became of one record for one consumer. */
export interface HandedRecord {
  readonly fate: 'delivered' | 'refused' | 'dead';
  /** `topic/partition/offset` of its envelope. */
  readonly sealed: string;
  /** Of an envelope that holds. */
  readonly jti?: string;
  /** Of a delivered one: its number for this consumer and type, and the agreement it was given under, `<id>/<version>`. */
  readonly number?: number;
  readonly agreement?: string;
  readonly purpose?: string;
  /** The signed subject, by the registry's pseudonym whatever the consumer sees. */
  readonly subject?: string;
  /** Where a law wants it: the subject learns of it from then on (RFC 3339). */
  readonly shownFrom?: string;
  /** Of one that had been delivered before: the id of the replay that brings it again. Replays tell of nothing else. */
  readonly replay?: string;
  /** Where the agreement asks for a receipt: the digest of what is signed in the envelope, and until when it is to come (RFC 3339). */
  readonly receipt?: { readonly digest: string; readonly due: string };
  /** Of one that shows a part of the record only: the pointers of what it shows. */
  readonly fields?: readonly string[];
  /** Of any other: why not. */
  readonly faults?: readonly FaultReport[];
}

/**
 * What became of some records of one type for one consumer, decided together by one version of the policy. `at` is RFC 3339 in UTC.
 * It is written in the same transaction as the deliveries themselves.
 */
export interface Handover {
  readonly consumer: SubsystemId;
  readonly type: RecordType;
  readonly policy: string;
  readonly at: string;
  readonly records: readonly HandedRecord[];
}

/** The value bytes of a handover (JSON, UTF-8). */
export function encodeHandover(handover: Handover): Buffer {
  return Buffer.from(JSON.stringify(handover));
}

/** Reads what {@link encodeHandover} wrote; undefined where the bytes are something else. */
export function decodeHandover(value: Buffer | null): Handover | undefined {
  if (value === null) return undefined;
  try {
    const { consumer, type, policy, at, records } = JSON.parse(value.toString('utf8')) as Partial<Handover>;
    const texts = [consumer, type, policy, at].every((text) => typeof text === 'string');
    if (!texts || !Array.isArray(records)) return undefined;
    const known = records.every(
      ({ fate, sealed }: Partial<HandedRecord>) => typeof fate === 'string' && typeof sealed === 'string',
    );
    return known ? ({ consumer, type, policy, at, records } as Handover) : undefined;
  } catch {
    return undefined; // not JSON: somebody else's record
  }
}
