import { type JsonValue, parseStrict } from '#canonical';
import { FaultError } from '#faults';
import type { MemberId } from '#record';
import { isObject } from '../shape.js';
import { type CompactProfile, verifyCompact } from '../verify/compact.js';
import type { Signer } from './custody.js';
import { type KeySet, readKeySet } from './key-set.js';
import type { PublishedKey } from './published-key.js';
import { signCompact } from './sign-compact.js';

/** The media type of a signed key set (OpenID Federation 1.0). */
const KEY_SET_TYP = 'jwk-set+jwt';
const PROFILE: CompactProfile = {
  required: ['alg', 'kid', 'typ'],
  optional: {},
  typ: KEY_SET_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'key-set',
};

/** A key set signed by its owner's `key-set` key: a compact JWS whose claims are `iss`, `iat` and `keys`. */
export function signKeySet(keys: readonly PublishedKey[], iss: MemberId, signer: Signer, at: Date): Promise<string> {
  const claims = { iat: Math.floor(at.getTime() / 1000), iss, keys: keys as unknown as JsonValue };
  return signCompact({ typ: KEY_SET_TYP }, claims, signer);
}

/**
 * The keys of a signed set, after its signature held by one of the `anchors`: keys that the reader trusts for the purpose `key-set`, from
 * an earlier set or from a piece of paper. Throws KEY_SET_INVALID, with the check that failed.
 */
export function readSignedKeySet(token: Uint8Array, anchors: KeySet, now: Date): KeySet {
  const compact = verifyCompact(token, PROFILE, anchors, now);
  if (!compact.ok) throw new FaultError('KEY_SET_INVALID', `the signed set does not hold: ${compact.code}`);
  const parsed = parseStrict(compact.payload);
  if (!parsed.ok || !isObject(parsed.value)) throw new FaultError('KEY_SET_INVALID', 'the claims are not strict JSON');
  const { iat } = parsed.value;
  if (!(Number.isSafeInteger(iat) && Number(iat) <= now.getTime() / 1000 + 60))
    throw new FaultError('KEY_SET_INVALID', 'it was signed in the future');
  return readKeySet(parsed.value);
}

/** Several sets as one. What one of them says against a key counts, whatever another one says for it. */
export function mergeKeySets(...sets: readonly KeySet[]): KeySet {
  const merged = new Map<string, ReturnType<KeySet['get']> & object>();
  for (const set of sets) {
    for (const [kid, key] of set) {
      const known = merged.get(kid);
      const exp = Math.min(known?.exp ?? Infinity, key.exp ?? Infinity);
      const revokedAt = Math.min(known?.revokedAt ?? Infinity, key.revokedAt ?? Infinity);
      merged.set(kid, {
        ...key,
        ...(Number.isFinite(exp) ? { exp } : {}),
        ...(Number.isFinite(revokedAt) ? { revokedAt } : {}),
      });
    }
  }
  return merged;
}
