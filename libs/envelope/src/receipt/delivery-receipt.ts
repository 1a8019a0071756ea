import { type JsonValue, parseStrict, sha256Digest } from '#canonical';
import { type Jti, type MemberId, memberId, memberOf, type RecordType, recordType, type SubsystemId, subsystemId } from '#record';
import { decodeCanonical, encodes } from '../base64url.js';
import type { Digest } from '../claims.js';
import type { Signer } from '../keys/custody.js';
import type { KeySet } from '../keys/key-set.js';
import { signCompact } from '../keys/sign-compact.js';
import { agreementVersion, digest, integer, misfit, read } from '../shape.js';
import { type CompactProfile, verifyCompact } from '../verify/compact.js';

/** What a consumer's receipt for a delivery is called. */
export const DELIVERY_RECEIPT_TYP = 'khidi-delivery-receipt+jwt';

/** What a consumer states: its verifier accepted this envelope, which came as this delivery. `iat` is when, in seconds since 1970. */
export interface DeliveryReceipt {
  /** The consumer's member, whose key signs. */
  readonly iss: MemberId;
  readonly iat: number;
  readonly consumer: SubsystemId;
  readonly type: RecordType;
  /** The delivery's number for this consumer and type. */
  readonly number: number;
  /** `<id>/<version>`. */
  readonly agreement: string;
  /** Which exchange, and the digest of what was signed: the same as in the envelope's leaf. */
  readonly envelope: { readonly iss: MemberId; readonly jti: Jti; readonly digest: Digest };
}

const PROFILE: CompactProfile = {
  required: ['alg', 'iat', 'kid', 'typ'],
  optional: {},
  typ: DELIVERY_RECEIPT_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'receipts',
  limit: 4096,
};
const LEEWAY_SECONDS = 60;

/** Signs a receipt as a compact JWS, ES256. Rejects with what the signer gives, and KEY_UNPROVEN where that is no signature. */
export function signDeliveryReceipt(receipt: DeliveryReceipt, signer: Signer): Promise<string> {
  return signCompact({ typ: DELIVERY_RECEIPT_TYP, iat: receipt.iat }, receipt as unknown as JsonValue, signer);
}

/** A receipt that holds, or why it does not: RECEIPT_SIGNATURE, RECEIPT_CLAIMS with the pointer of a claim. */
export type OpenedReceipt =
  | { readonly ok: true; readonly receipt: DeliveryReceipt }
  | { readonly ok: false; readonly code: 'RECEIPT_SIGNATURE' | 'RECEIPT_CLAIMS'; readonly pointer?: string };

/** Verifies a receipt with the keys of the consumer's member, now. Never throws for anything it contains. */
export function openDeliveryReceipt(jws: string, keys: KeySet, now: Date): OpenedReceipt {
  const compact = verifyCompact(Buffer.from(jws, 'latin1'), PROFILE, keys, now);
  if (!compact.ok) return { ok: false, code: 'RECEIPT_SIGNATURE', ...(compact.pointer && { pointer: compact.pointer }) };
  const parsed = parseStrict(compact.payload);
  const wrong = parsed.ok ? misfit(parsed.value, SHAPE) : '';
  if (!parsed.ok || wrong !== undefined) return { ok: false, code: 'RECEIPT_CLAIMS', pointer: wrong ?? '' };
  const receipt = parsed.value as unknown as DeliveryReceipt;
  if (memberOf(receipt.consumer) !== receipt.iss) return { ok: false, code: 'RECEIPT_CLAIMS', pointer: '/consumer' };
  const timely = receipt.iat === compact.header.iat && receipt.iat <= now.getTime() / 1000 + LEEWAY_SECONDS;
  return timely ? { ok: true, receipt } : { ok: false, code: 'RECEIPT_CLAIMS', pointer: '/iat' };
}

/** `sha-256:` and the digest of what is signed in an envelope, of either profile; undefined for what is none. */
export function payloadDigest(envelope: Uint8Array): Digest | undefined {
  const text = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.length).toString('latin1');
  const start = text.indexOf('.') + 1;
  const payload = decodeCanonical(text.slice(start, text.indexOf('.', start)));
  return start > 0 && payload !== undefined && payload.length > 0 ? (sha256Digest(payload) as Digest) : undefined;
}

const SHAPE = {
  iss: read(memberId),
  iat: integer(1),
  consumer: read(subsystemId),
  type: read(recordType),
  number: integer(1),
  agreement: agreementVersion,
  envelope: {
    iss: read(memberId),
    jti: (value: unknown) => encodes(value, 32),
    digest,
  },
};
