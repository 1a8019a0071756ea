import { sha256Base64url } from '#canonical';
import type { Leaf } from '#evidence';
import type { ReceivedRecord } from '#record';

/** A leaf before its time is known. */
export type Draft = Omit<Leaf, 't'>;

const JTI = /^[A-Za-z0-9_-]{43}$/;
const DIGEST = /^sha-256:[A-Za-z0-9_-]{43}$/;

/**
 * The leaf of an envelope: its identity, the digest of its payload and of its record. Only signing may write to sealed topics, so
 * what is no envelope of this issuer is undefined: somebody else's record. Whether the signature holds is for each reader to
 * verify; the log says what was sealed and when, not that it is true.
 */
export function readSealed({ value, topic }: ReceivedRecord, issuer: string): Draft | undefined {
  if (value === null) return undefined;
  const begin = value.indexOf('.') + 1;
  const end = value.indexOf('.', begin);
  if (begin === 0 || end < 0) return undefined;
  const payload = Buffer.from(value.toString('latin1', begin, end), 'base64url');
  const { iss, jti, record_digest: rd } = claimsOf(payload);
  if (iss !== issuer || typeof jti !== 'string' || !JTI.test(jti)) return undefined;
  if (rd !== undefined && !(typeof rd === 'string' && DIGEST.test(rd))) return undefined;
  const type = topic.slice(topic.indexOf('.') + 1);
  return { k: 'record', id: `${iss}|${jti}`, s256: sha256Base64url(payload), type, ...(rd === undefined ? {} : { rd }) };
}

function claimsOf(payload: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // not JSON: it has no claims
  }
}
