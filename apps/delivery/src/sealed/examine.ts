import { isDisclosable, type KeySet, verify, verifyDisclosed } from '#envelope';
import type { FaultCode } from '#faults';
import { ORIGINS } from '#policy';
import { type Jti, type MemberId, memberOf, type ReceivedRecord, type SubjectUrn, type SubsystemId } from '#record';

/** What a decision needs to know of an envelope that holds. */
export interface SealedContent {
  readonly jti: Jti;
  /** The id of the event; with its source it makes the `jti`. */
  readonly id: string;
  /** Whose record it is, and how that was proved. */
  readonly provider: MemberId;
  /** The subsystem that sent it. */
  readonly agency: SubsystemId;
  readonly origin: (typeof ORIGINS)[number];
  /** When it was sealed, in milliseconds since 1970; absent where the envelope can be read no more. */
  readonly sealedAt?: number;
  /** Whose record it is, where the envelope shows it. */
  readonly subject?: SubjectUrn;
  /** Of an answer: the only one that may have it. */
  readonly aud?: string;
  /** Of a delivery under a pseudonym of the consumer's own: that one, which is not in the envelope. */
  readonly ownSubject?: SubjectUrn;
  /** Whether single fields of it can be given. */
  readonly disclosable: boolean;
  /** Of one that is encrypted already, so that nothing of it can be left out any more: the agreement that it was made for, `<id>/<version>`. */
  readonly under?: string;
}

/** One record of a sealed topic; without content it cannot be delivered to anybody, for the reason given. */
export type SealedItem =
  | { readonly record: ReceivedRecord; readonly content: SealedContent }
  | { readonly record: ReceivedRecord; readonly fault: FaultCode };

/** Verifies an envelope with the published keys and takes from its claims what decisions need. Unless `keyed`, the key is that of somebody else. */
export function examine(record: ReceivedRecord, keys: KeySet, now: Date, keyed = true): SealedItem {
  const message = { headers: record.headers, ...(keyed ? { key: record.key } : {}) };
  const envelope = record.value ?? Buffer.alloc(0);
  const disclosable = isDisclosable(envelope);
  // Whom an answer is for is decided lane by lane.
  const options = { keys, now, message, audience: 'any' } as const;
  const verified = disclosable ? verifyDisclosed(envelope, options) : verify(envelope, options);
  if (!verified.ok) return { record, fault: verified.fault.code };
  const { jti, iat, origin, event, sub, aud } = verified.claims;
  // A proof that is not known is the weakest: it meets no agreement that asks for more.
  const strength = ORIGINS.find((known) => known === origin.auth) ?? ORIGINS[0];
  const { agency } = origin;
  const content = { jti, id: event.id, provider: memberOf(agency), agency, origin: strength, sealedAt: iat * 1000, disclosable };
  return {
    record,
    content: { ...content, ...(sub === undefined ? {} : { subject: sub }), ...(aud === undefined ? {} : { aud }) },
  };
}
