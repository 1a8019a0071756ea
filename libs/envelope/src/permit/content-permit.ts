import { randomBytes } from 'node:crypto';
import { type JsonValue, parseStrict } from '#canonical';
import {
  type ContentUrn,
  contentUrn,
  type Jti,
  type MemberId,
  memberId,
  type RecordType,
  recordType,
  type SubsystemId,
  subsystemId,
} from '#record';
import { encodes } from '../base64url.js';
import type { Signer } from '../keys/custody.js';
import type { KeySet } from '../keys/key-set.js';
import { signCompact } from '../keys/sign-compact.js';
import { agreementVersion, integer, misfit, read } from '../shape.js';
import { type CompactProfile, verifyCompact } from '../verify/compact.js';

const CONTENT_PERMIT_TYP = 'khidi-content-permit+jwt';

/** What delivery states: this consumer may fetch this content once, at this agency, since it was handed a record that names it. */
export interface ContentPermit {
  /** The operator, whose key signs. */
  readonly iss: MemberId;
  /** Seconds since 1970; it holds before `exp`, which is at most {@link PERMIT_SECONDS} later. */
  readonly iat: number;
  readonly exp: number;
  /** 128 random bits: each permit is used once. */
  readonly jti: string;
  readonly consumer: SubsystemId;
  /** The member at whose adapter the content lies. */
  readonly provider: MemberId;
  readonly type: RecordType;
  /** `<id>/<version>`: under what it is given. */
  readonly agreement: string;
  readonly content: ContentUrn;
  /** The exchange whose record names it. */
  readonly envelope: { readonly iss: MemberId; readonly jti: Jti };
}

/** How long a permit holds, in seconds: long enough to begin a fetch, and for clocks that differ a little. */
export const PERMIT_SECONDS = 120;
const LEEWAY_SECONDS = 60;

const PROFILE: CompactProfile = {
  required: ['alg', 'iat', 'kid', 'typ'],
  optional: {},
  typ: CONTENT_PERMIT_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'permits',
  limit: 4096,
};

/** Signs a permit that holds from now on, as a compact JWS, ES256. Rejects with what the signer gives, and KEY_UNPROVEN. */
export async function signContentPermit(
  about: Omit<ContentPermit, 'iat' | 'exp' | 'jti'>,
  signer: Signer,
  now: Date,
): Promise<{ readonly permit: string; readonly expires: Date }> {
  const iat = Math.floor(now.getTime() / 1000);
  const claims: ContentPermit = { ...about, iat, exp: iat + PERMIT_SECONDS, jti: randomBytes(16).toString('base64url') };
  const permit = await signCompact({ typ: CONTENT_PERMIT_TYP, iat }, claims as unknown as JsonValue, signer);
  return { permit, expires: new Date(claims.exp * 1000) };
}

/** A permit that holds now, or the pointer of the first claim that does not; empty where it is the signature. */
export type OpenedPermit =
  | { readonly ok: true; readonly permit: ContentPermit }
  | { readonly ok: false; readonly pointer: string };

/**
 * Verifies a permit by the keys of the operator that were made for it, at this time, for one content at one agency. Never throws for
 * anything it contains. Whether it was used before is for the caller to know.
 */
export function openContentPermit(
  jws: string,
  { keys, now, provider, content }: { keys: KeySet; now: Date; provider: MemberId; content: ContentUrn },
): OpenedPermit {
  const compact = verifyCompact(Buffer.from(jws, 'latin1'), PROFILE, keys, now);
  if (!compact.ok) return { ok: false, pointer: '' };
  const parsed = parseStrict(compact.payload);
  const wrong = parsed.ok ? misfit(parsed.value, SHAPE) : '';
  if (!parsed.ok || wrong !== undefined) return { ok: false, pointer: wrong ?? '' };
  const permit = parsed.value as unknown as ContentPermit;
  const seconds = now.getTime() / 1000;
  if (permit.iat !== compact.header.iat || !(permit.iat <= seconds + LEEWAY_SECONDS)) return { ok: false, pointer: '/iat' };
  if (!(seconds < permit.exp) || permit.exp - permit.iat > PERMIT_SECONDS) return { ok: false, pointer: '/exp' };
  if (permit.provider !== provider) return { ok: false, pointer: '/provider' };
  return permit.content === content ? { ok: true, permit } : { ok: false, pointer: '/content' };
}

const SHAPE = {
  iss: read(memberId),
  iat: integer(1),
  exp: integer(1),
  jti: (value: unknown) => encodes(value, 16),
  consumer: read(subsystemId),
  provider: read(memberId),
  type: read(recordType),
  agreement: agreementVersion,
  content: read(contentUrn),
  envelope: { iss: read(memberId), jti: (value: unknown) => encodes(value, 32) },
};
