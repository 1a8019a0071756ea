import { canonicalize, type JsonValue } from '#canonical';
import { type CompactProfile, type KeySet, kidOf, type PublicJwk, type Signer, signatureOver, verifyCompact } from '#envelope';
import { FaultError } from '#faults';
import type { MemberKey, MemberKeyPurpose } from '#policy';
import type { MemberId } from '#record';

/** What members sign: the text of an agreement, that one is revoked, that a key is theirs, what they change about themselves. Each has a `typ` and a text of its own. */
export const STATEMENTS = {
  agreement: 'khidi-agreement+jwt',
  revocation: 'khidi-revocation+jwt',
  proof: 'khidi-key-proof+jwt',
  change: 'khidi-member-change+jwt',
} as const;
export type Statement = keyof typeof STATEMENTS;

/** The two sides of an agreement. */
export type Side = 'provider' | 'consumer';

/** How long a signed statement may be on its way to the directory, and how far clocks may differ, in seconds. */
const MAX_AGE_SECONDS = 24 * 3600;
const LEEWAY_SECONDS = 60;
const DETACHED = /^([A-Za-z0-9_-]{1,1000})\.\.([A-Za-z0-9_-]{86})$/;

/**
 * A detached JWS (RFC 7515 appendix F) over a text that both ends can make by themselves: `header..signature`. Rejects with
 * KEY_STORE_UNAVAILABLE and KEY_UNPROVEN.
 */
export async function signStatement(kind: Statement, text: Uint8Array, signer: Signer, at: Date): Promise<string> {
  const iat = Math.floor(at.getTime() / 1000);
  const header = canonicalize({ alg: 'ES256', iat, kid: signer.kid, typ: STATEMENTS[kind] }).toString('base64url');
  return `${header}..${await signatureOver(`${header}.${Buffer.from(text).toString('base64url')}`, signer)}`;
}

/**
 * Undefined where the detached signature holds over `text` by one of `keys`, which are those of one member; otherwise what does not, in a
 * word. `seen` is when the directory saw it: it must have been signed within the day before, and a key that was revoked
 * later does not undo it.
 */
export function misfit(kind: Statement, text: Uint8Array, jws: string, keys: KeySet, seen: Date): string | undefined {
  const [, header, signature] = DETACHED.exec(jws) ?? [];
  if (header === undefined || signature === undefined) return 'form';
  const whole = Buffer.from(`${header}.${Buffer.from(text).toString('base64url')}.${signature}`);
  const compact = verifyCompact(whole, profileOf(kind), keys, seen, seen);
  if (!compact.ok) return compact.code;
  const age = seen.getTime() / 1000 - Number(compact.header.iat);
  return age <= MAX_AGE_SECONDS && age >= -LEEWAY_SECONDS ? undefined : 'iat';
}

/** What a side signs to end an agreement, all its versions, at once and for good. */
export function revocationText(agreement: string, why: string): Buffer {
  return canonicalize({ agreement, kind: 'khidi-revocation-1', why });
}

/**
 * What a key signs to prove that the member has it: for this directory, this member, this purpose, and this invitation or state
 * of the member, so that nobody can use it again.
 */
export function keyProofText(directory: MemberId, member: MemberId, key: MemberKey, challenge: string): Buffer {
  const { kid, purpose } = key;
  return canonicalize({ challenge, directory, key: kid, kind: 'khidi-key-proof-1', member, purpose });
}

/** What a member signs to change what the directory has of it; `id` makes it good once. */
export function memberChangeText(directory: MemberId, member: MemberId, id: string, change: object): Buffer {
  return canonicalize({ change: change as JsonValue, directory, id, kind: 'khidi-member-change-1', member });
}

/** A public key of a member as the directory publishes it. Throws KEY_UNPROVEN for a key that is not of P-256. */
export function publicMemberKey(jwk: PublicJwk, member: MemberId, purpose: MemberKeyPurpose, since: Date): MemberKey {
  if (jwk.kty !== 'EC') throw new FaultError('KEY_UNPROVEN', 'the key is not of P-256');
  const use = purpose === 'encryption' ? ({ alg: 'ECDH-ES', use: 'enc' } as const) : ({ alg: 'ES256', use: 'sig' } as const);
  const { kty, crv, x, y } = jwk;
  return { kty, crv, x, y, kid: kidOf(jwk), ...use, iss: member, purpose, nbf: Math.floor(since.getTime() / 1000) };
}

function profileOf(kind: Statement): CompactProfile {
  return {
    required: ['alg', 'iat', 'kid', 'typ'],
    optional: {},
    typ: STATEMENTS[kind],
    kid: /^[A-Za-z0-9_-]{43}$/,
    issuer: false,
    // A key proves itself whatever it is for; everything else takes one for agreements.
    ...(kind === 'proof' ? {} : { purpose: 'agreement' }),
  };
}
