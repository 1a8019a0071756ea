import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { FaultError } from '#faults';
import type { Kid } from '../claims.js';
import { SIGNATURE_BYTES, signEs256, verifyEs256 } from '../es256.js';
import { thumbprint } from './thumbprint.js';

/** What a key can sign with, by its fully specified JOSE name (RFC 7518, RFC 9864). A key has one, for ever. */
export type SignatureAlgorithm = 'ES256' | 'Ed25519';

/** The public members of a key (RFC 7518 section 6.2, RFC 8037), in canonical base64url. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };

/** Makes a private key in this process. */
export function generatePrivateKey(alg: SignatureAlgorithm): KeyObject {
  return alg === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('ed25519').privateKey;
}

/** The raw signature of 64 bytes: r ‖ s for ES256, as RFC 8032 has it for Ed25519. */
export function signRaw(alg: SignatureAlgorithm, key: KeyObject, bytes: Uint8Array): Buffer {
  return alg === 'ES256' ? signEs256(key, bytes) : sign(null, bytes, key);
}

/** Whether a raw signature holds. */
export function verifyRaw(alg: SignatureAlgorithm, key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (alg === 'ES256') return verifyEs256(key, bytes, signature);
  return signature.length === SIGNATURE_BYTES && verify(null, bytes, key, signature);
}

/** The algorithm of a key, undefined where it is none of ours. */
export function algorithmOf(key: KeyObject): SignatureAlgorithm | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519';
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined;
}

/** The public members of a private or public key. Throws KEY_UNPROVEN for a key of another kind. */
export function publicJwkOf(key: KeyObject): PublicJwk {
  const { kty, crv, x, y } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  if (kty === 'EC' && crv === 'P-256' && x !== undefined && y !== undefined) return { kty, crv, x, y };
  if (kty === 'OKP' && crv === 'Ed25519' && x !== undefined) return { kty, crv, x };
  throw new FaultError('KEY_UNPROVEN', 'the key is neither of P-256 nor Ed25519');
}

/** The key id of a public key: its RFC 7638 thumbprint. */
export function kidOf(jwk: PublicJwk): Kid {
  const kid = thumbprint({ ...jwk });
  if (kid === undefined) throw new FaultError('KEY_UNPROVEN', 'the key has no thumbprint');
  return kid;
}
