import { hash } from 'node:crypto';
import type { Kid } from '../claims.js';

/** The members that a thumbprint covers, in the order of RFC 7638 section 3.2 (AKP: RFC 9964). */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
  AKP: ['alg', 'kty', 'pub'],
};

/** The RFC 7638 SHA-256 thumbprint of a public key, or undefined for a key type that is not known or not complete. */
export function thumbprint(jwk: Readonly<Record<string, unknown>>): Kid | undefined {
  const names = typeof jwk.kty === 'string' && Object.hasOwn(REQUIRED, jwk.kty) ? REQUIRED[jwk.kty] : undefined;
  if (names === undefined || !names.every((name) => typeof jwk[name] === 'string')) return undefined;
  const members = names.map((name) => [name, jwk[name]] as const);
  return hash('sha256', JSON.stringify(Object.fromEntries(members)), 'base64url') as Kid;
}
