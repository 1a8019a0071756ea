import { canonicalize, type JsonValue, MAX_DEPTH, parseStrict } from '#canonical';
import { type FaultReport, faultReport } from '#faults';
import { CONTENT_TYPE } from '#record';
import { encodes } from '../base64url.js';
import { type EnvelopeClaims, MAX_ENVELOPE_BYTES, SD_RECORD_TYP } from '../claims.js';
import { saltedDigest } from '../identity.js';
import { misfitOfClaims, misfitOfDisclosed } from '../shape.js';
import { type CompactProfile, verifyCompact } from '../verify/compact.js';
import { agrees } from '../verify/message.js';
import type { StepFault } from '../verify/steps.js';
import type { VerifyOptions } from '../verify/verify.js';
import { disclose } from './disclose.js';

/** The header of an envelope with disclosures. */
export const DISCLOSED_PROFILE: CompactProfile = {
  required: ['alg', 'iat', 'kid', 'typ'],
  optional: { 'x5t#S256': (value) => encodes(value, 32) },
  typ: SD_RECORD_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'sealing',
};
/** A disclosed value stands where its digest stood, so that the depth is that of the whole record in its claims. */
const CLAIMS_LIMITS = { maxDepth: MAX_DEPTH + 1, maxBytes: MAX_ENVELOPE_BYTES };

/** What an envelope states of itself to whom only a part was disclosed. */
export type DisclosedClaims = Omit<EnvelopeClaims, 'sub' | 'record_digest' | 'salt' | 'event' | 'origin'> &
  Partial<Pick<EnvelopeClaims, 'sub' | 'record_digest' | 'salt'>> & {
    readonly event: Omit<EnvelopeClaims['event'], 'subject'> & Partial<Pick<EnvelopeClaims['event'], 'subject'>>;
    readonly origin: Omit<EnvelopeClaims['origin'], 'digest'> & Partial<Pick<EnvelopeClaims['origin'], 'digest'>>;
  };

/** Whether the envelope holds. `whole` says that everything was disclosed, and that then the record has its digest. */
export type DisclosedVerification =
  | { readonly ok: true; readonly claims: DisclosedClaims; readonly whole: boolean }
  | { readonly ok: false; readonly fault: FaultReport };

/** Whether an envelope is of the profile with disclosures, by its last byte; that it holds is another question. */
export function isDisclosable(envelope: Uint8Array): boolean {
  return envelope[envelope.length - 1] === TILDE;
}

const TILDE = 0x7e;

/** The signed part and the disclosures of an SD-JWT without key binding, which ends with `~`. Undefined for anything else. */
export function splitDisclosures(envelope: Uint8Array): { readonly jwt: Buffer; readonly disclosures: string[] } | undefined {
  if (envelope.length === 0 || envelope.length > MAX_ENVELOPE_BYTES) return undefined;
  const text = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.length).toString('latin1');
  const [jwt = '', ...rest] = text.split('~');
  return rest.pop() === '' ? { jwt: Buffer.from(jwt, 'latin1'), disclosures: rest } : undefined;
}

/**
 * Verifies an envelope of the profile `khidi-record+sd-jwt`, in the order of `verify`: signature first, then the disclosures, then every claim
 * that is there. Never throws for anything that an envelope contains.
 */
export function verifyDisclosed(
  envelope: Uint8Array,
  options: Pick<VerifyOptions, 'keys' | 'now' | 'trustedTime' | 'leeway' | 'audience' | 'schemaDigest' | 'message' | 'seen'>,
): DisclosedVerification {
  const { keys, now, trustedTime = now, leeway = 60 } = options;
  const refuse = (code: StepFault | 'ENVELOPE_DISCLOSURE', pointer?: string): DisclosedVerification => ({
    ok: false,
    fault: faultReport(code, pointer),
  });

  const parts = splitDisclosures(envelope);
  if (parts === undefined)
    return refuse(envelope.length > MAX_ENVELOPE_BYTES || envelope.length === 0 ? 'ENVELOPE_SIZE' : 'ENVELOPE_GRAMMAR');
  const compact = verifyCompact(parts.jwt, DISCLOSED_PROFILE, keys, now, options.trustedTime);
  if (!compact.ok) return refuse(compact.code, compact.pointer);
  const parsed = parseStrict(compact.payload, CLAIMS_LIMITS);
  if (!parsed.ok) return refuse('ENVELOPE_CLAIMS_JSON');
  const disclosed = disclose(parsed.value, parts.disclosures);
  if (!disclosed.ok) return refuse('ENVELOPE_DISCLOSURE');
  const misfit = misfitOfDisclosed(disclosed.claims);
  if (misfit !== undefined) return refuse('ENVELOPE_CLAIMS', misfit);
  const claims = disclosed.claims as unknown as DisclosedClaims;
  if (claims.iss !== compact.key.iss) return refuse('ENVELOPE_KEY_ISSUER', '/iss');
  const latest = Math.min(now.getTime(), trustedTime.getTime()) / 1000 + leeway;
  if (claims.iat !== compact.header.iat || !(claims.iat <= latest)) return refuse('ENVELOPE_CLAIMS', '/iat');
  if (claims.aud !== undefined && options.audience !== 'any' && claims.aud !== options.audience)
    return refuse('ENVELOPE_AUDIENCE', '/aud');
  if (options.schemaDigest !== undefined && options.schemaDigest !== claims.schema.digest)
    return refuse('ENVELOPE_SCHEMA_DIGEST', '/schema/digest');
  const whole = isWhole(parsed.value, disclosed.places.size);
  if (whole) {
    const wrong = misfitOfClaims(claims);
    if (wrong !== undefined) return refuse('ENVELOPE_CLAIMS', wrong);
    const { salt, record, record_digest: digest } = claims as unknown as EnvelopeClaims;
    if (saltedDigest(Buffer.from(salt, 'base64url'), canonicalize(record as JsonValue)) !== digest)
      return refuse('ENVELOPE_RECORD_DIGEST', '/record_digest');
  }
  if (options.message !== undefined && !agrees(options.message, claims, CONTENT_TYPE.disclosable))
    return refuse('ENVELOPE_HEADERS_DIFFER');
  if (options.seen?.(claims.iss, claims.jti) === true) return refuse('ENVELOPE_REPLAY', '/jti');
  return { ok: true, claims, whole };
}

/** Whether there is a disclosure for each digest. Ours stand in four lists and nowhere deeper. */
function isWhole(payload: JsonValue, disclosed: number): boolean {
  const listOf = (value: unknown): number =>
    typeof value === 'object' && value !== null && '_sd' in value && Array.isArray(value._sd) ? value._sd.length : 0;
  const { event, origin, record } = payload as Record<string, unknown>;
  return [payload, event, origin, record].reduce<number>((sum, one) => sum + listOf(one), 0) === disclosed;
}

/**
 * The envelope with those disclosures only whose place is allowed, as JSON pointers into the claims: `/record/name`, `/sub`,
 * `/event/subject`. Throws where it is no SD-JWT of ours, since then nobody knows what it would disclose.
 */
export function present(envelope: Uint8Array, allowed: (pointer: string) => boolean): Buffer {
  const parts = splitDisclosures(envelope);
  const [, body = ''] = parts?.jwt.toString('latin1').split('.') ?? [];
  const parsed = parseStrict(Buffer.from(body, 'base64url'), CLAIMS_LIMITS);
  const disclosed = parsed.ok && parts !== undefined ? disclose(parsed.value, parts.disclosures) : undefined;
  if (parts === undefined || disclosed?.ok !== true) throw new TypeError('this is no envelope with disclosures');
  const kept = parts.disclosures.filter((text) => allowed(disclosed.places.get(text) ?? ''));
  return Buffer.from([parts.jwt.toString('latin1'), ...kept, ''].join('~'), 'latin1');
}
