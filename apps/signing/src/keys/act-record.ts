import { sha256Digest } from '#canonical';
import { type KeyRecord, writeKeyRecord } from '#envelope';
import { auditRecord } from '#evidence';
import type { OutgoingRecord } from '#record';

/** The line in the audit topic of what was just done to a key: who, what, why, and the digests of its record before and after. */
export function actRecord(key: KeyRecord, before: KeyRecord | undefined): OutgoingRecord[] {
  const done = key.acts.at(-1);
  if (done === undefined) return [];
  const { act, by, confirmedBy, at, why } = done;
  return [
    auditRecord({
      kind: 'key',
      at,
      by,
      ...(confirmedBy === undefined ? {} : { confirmedBy }),
      action: act,
      subject: key.kid,
      ...(before === undefined ? {} : { before: sha256Digest(writeKeyRecord(before)) }),
      after: sha256Digest(writeKeyRecord(key)),
      why,
    }),
  ];
}
