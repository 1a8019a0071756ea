import { canonicalize, type JsonValue, MAX_DEPTH, parseStrict } from '#canonical';
import { type FaultReport, faultReport } from '#faults';
import { type Jti, type MemberId, memberOf, type SubsystemId } from '#record';
import { type Digest, type EnvelopeClaims, MAX_ENVELOPE_BYTES, type ProtectedHeader } from '../claims.js';
import { saltedDigest } from '../identity.js';
import type { KeySet } from '../keys/key-set.js';
import { originMisfit } from '../origin/origin-seal.js';
import { misfitOfClaims } from '../shape.js';
import { verifyCompact } from './compact.js';
import { agrees, type MessageHints } from './message.js';
import { RECORD_PROFILE } from './record-profile.js';
import { type Step, type StepFault, type StepName, stepsOf } from './steps.js';

/** What a verifier holds against an envelope. Only keys and time are indispensable; what is left out is not asked. */
export interface VerifyOptions {
  readonly keys: KeySet;
  /** The present. */
  readonly now: Date;
  /** When the envelope is known to have existed, by a witness other than its issuer; a revoked key is judged then, and holds nothing without it. */
  readonly trustedTime?: Date;
  /** How far the issuer's clock may be ahead, in seconds. Default: 60. */
  readonly leeway?: number;
  /** Who verifies; an envelope for one consumer is refused by everybody else. `any`: by nobody, for whoever only asks what was sealed. */
  readonly audience?: MemberId | SubsystemId | 'any';
  /** The Kafka message that brought the envelope. */
  readonly message?: MessageHints;
  /** The digest of the schema that the verifier holds under the stated subject and version. */
  readonly schemaDigest?: Digest;
  /** Whether the agency must have sealed the record itself; its key is looked up in `keys`. */
  readonly requireSeal?: boolean;
  /** Whether the exchange was handled before. */
  readonly seen?: (iss: MemberId, jti: Jti) => boolean;
}

/** Whether the envelope holds, with every check and how it went. Without `ok` nothing of the content is passed on. */
export type Verification =
  | { readonly ok: true; readonly claims: EnvelopeClaims; readonly header: ProtectedHeader; readonly steps: readonly Step[] }
  | { readonly ok: false; readonly fault: FaultReport; readonly steps: readonly Step[] };

/** The record stands one level below the claims, and its own depth was judged when it was sent. */
const CLAIMS_LIMITS = { maxDepth: MAX_DEPTH + 1, maxBytes: MAX_ENVELOPE_BYTES };

/**
 * Verifies an envelope by the fixed order of DESIGN section 5 and names the first check that fails, one fault for each. It needs
 * published keys and nothing else: no network, no clock, no store. Never throws for anything that an envelope contains.
 */
export function verify(envelope: Uint8Array, options: VerifyOptions): Verification {
  const { now, leeway = 60 } = options;
  const refuse = (code: StepFault, pointer?: string): Verification => ({
    ok: false,
    fault: faultReport(code, pointer),
    steps: stepsOf(code, notAsked(options)),
  });

  const compact = verifyCompact(envelope, RECORD_PROFILE, options.keys, now, options.trustedTime);
  if (!compact.ok) return refuse(compact.code, compact.pointer);
  const { x5t } = compact.key;
  if (x5t !== undefined && x5t !== (compact.header['x5t#S256'] ?? x5t)) return refuse('ENVELOPE_KEY_ALGORITHM', '/x5t#S256');
  const parsed = parseStrict(compact.payload, CLAIMS_LIMITS);
  if (!parsed.ok) return refuse('ENVELOPE_CLAIMS_JSON');
  const misfit = misfitOfClaims(parsed.value);
  if (misfit !== undefined) return refuse('ENVELOPE_CLAIMS', misfit);
  const claims = parsed.value as unknown as EnvelopeClaims;
  const header = compact.header as unknown as ProtectedHeader;
  if (claims.iss !== compact.key.iss) return refuse('ENVELOPE_KEY_ISSUER', '/iss'); // said again now that it is signed
  if (claims.iat !== header.iat) return refuse('ENVELOPE_CLAIMS', '/iat');
  const latest = Math.min(now.getTime(), (options.trustedTime ?? now).getTime()) / 1000 + leeway;
  if (!(claims.iat <= latest)) return refuse('ENVELOPE_CLAIMS', '/iat');
  if (claims.aud !== undefined && options.audience !== 'any' && claims.aud !== options.audience)
    return refuse('ENVELOPE_AUDIENCE', '/aud');
  if (options.schemaDigest !== undefined && options.schemaDigest !== claims.schema.digest)
    return refuse('ENVELOPE_SCHEMA_DIGEST', '/schema/digest');
  if (digestOf(claims) !== claims.record_digest) return refuse('ENVELOPE_RECORD_DIGEST', '/record_digest');
  if (options.requireSeal === true && !isSealedAtOrigin(claims, options)) return refuse('ENVELOPE_ORIGIN_SEAL', '/origin/seal');
  if (options.message !== undefined && !agrees(options.message, claims)) return refuse('ENVELOPE_HEADERS_DIFFER');
  if (options.seen?.(claims.iss, claims.jti) === true) return refuse('ENVELOPE_REPLAY', '/jti');
  return { ok: true, claims, header, steps: stepsOf(undefined, notAsked(options)) };
}

/** The second statement: what the agency says of the same event and record, under its own key. */
function isSealedAtOrigin({ origin, event, record }: EnvelopeClaims, { keys, now, trustedTime }: VerifyOptions): boolean {
  if (origin.seal === undefined) return false;
  const expected = { member: memberOf(origin.agency), event, record: canonicalize(record as JsonValue), now };
  const at = trustedTime === undefined ? expected : { ...expected, trustedTime };
  return originMisfit(Buffer.from(origin.seal), keys, at) === undefined;
}

function digestOf({ salt, record }: EnvelopeClaims): Digest {
  return saltedDigest(Buffer.from(salt, 'base64url'), canonicalize(record as JsonValue));
}

function notAsked({ schemaDigest, message, requireSeal, seen }: VerifyOptions): ReadonlySet<StepName> {
  const names = new Set<StepName>();
  if (schemaDigest === undefined) names.add('schema digest');
  if (requireSeal !== true) names.add('origin seal');
  if (message === undefined) names.add('headers');
  if (seen === undefined) names.add('replay');
  return names;
}
