import { isDisclosable, type Statement } from '#envelope';
import type { FaultReport } from '#faults';
import {
  CONTENT_TYPE,
  encodeWarnings,
  HEADER,
  isTraceparent,
  memberOf,
  type OutgoingRecord,
  pseudonymIn,
  type ReceivedRecord,
  sealedTopic,
  type Verdict,
} from '#record';
import type { ReadRecord, UnreadRecord } from './read-validated.js';

/** The record for the sealed topic: the envelope, keyed like its input, with the signed attributes and where it came in as hints beside it. */
export function sealedRecord(read: ReadRecord, received: ReceivedRecord, envelope: Buffer, { event }: Statement): OutgoingRecord {
  const traceparent = received.headers[HEADER.traceparent];
  const traced = Buffer.isBuffer(traceparent) && isTraceparent(traceparent.toString('latin1'));
  return {
    topic: sealedTopic(read.type),
    key: pseudonymIn(event.subject),
    value: envelope,
    headers: {
      [HEADER.contentType]: isDisclosable(envelope) ? CONTENT_TYPE.disclosable : CONTENT_TYPE.envelope,
      [HEADER.specversion]: '1.0',
      [HEADER.id]: event.id,
      [HEADER.source]: event.source,
      [HEADER.type]: event.type,
      [HEADER.time]: event.time,
      [HEADER.subject]: event.subject,
      [HEADER.dataschema]: event.dataschema,
      [HEADER.ingress]: read.origin.ingress,
      ...(read.warnings === undefined ? {} : { [HEADER.warnings]: encodeWarnings(read.warnings) }),
      ...(traced ? { [HEADER.traceparent]: traceparent } : {}),
    },
  };
}

/** The verdict on a record that was sealed: its envelope goes on, and the member is told. */
export function acceptedVerdict(output: OutgoingRecord, read: ReadRecord, { event, jti }: Statement, at: Date): Verdict {
  const { id, source, type } = event;
  const { agency, ingress } = read.origin;
  const warnings = read.warnings === undefined ? {} : { warnings: read.warnings };
  const outcome = { kind: 'sealed', ingress, at: at.toISOString(), id, source, type, jti, ...warnings } as const;
  return { kind: 'accepted', outputs: [output], outcome: { member: memberOf(agency), outcome } };
}

/** The verdict on a record that cannot be sealed: kept whole as a dead letter, and the member is told where it is known. */
export function deadVerdict({ origin, event }: Pick<UnreadRecord, 'origin' | 'event'>, fault: FaultReport, at: Date): Verdict {
  if (origin === undefined) return { kind: 'dead', fault: fault.code };
  const outcome = { kind: 'rejected', ingress: origin.ingress, at: at.toISOString(), ...event, faults: [fault] } as const;
  return { kind: 'dead', fault: fault.code, outcome: { member: memberOf(origin.agency), outcome } };
}
