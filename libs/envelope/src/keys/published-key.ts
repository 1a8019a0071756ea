import type { MemberId } from '#record';
import type { Kid } from '../claims.js';
import type { PublicJwk, SignatureAlgorithm } from './algorithms.js';
import type { KeyDescription, KeyPurpose } from './custody.js';
import type { RevocationReason } from './key-record.js';

/** A public key as it is published: RFC 7517, with its owner, its purpose and its times (seconds since 1970). */
export type PublishedKey = PublicJwk & {
  readonly kid: Kid;
  readonly alg: SignatureAlgorithm;
  readonly use: 'sig';
  readonly iss: MemberId;
  readonly purpose: KeyPurpose;
  readonly nbf: number;
  readonly iat?: number;
  readonly exp?: number;
  readonly revoked?: { readonly revoked_at: number; readonly reason: RevocationReason };
  readonly 'x5t#S256'?: string;
  readonly x5c?: readonly string[];
};

/** The public part of a key, as it stands in a JWK set under its owner. */
export function publishedKey(
  { kid, alg, purpose, created, jwk }: Omit<KeyDescription, 'created'> & { readonly created: Date },
  iss: MemberId,
): PublishedKey {
  return { ...jwk, kid, alg, use: 'sig', iss, purpose, nbf: Math.floor(created.getTime() / 1000) };
}
