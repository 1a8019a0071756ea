import { createPrivateKey, type KeyObject } from 'node:crypto';
import { FaultError } from '#faults';
import { kidOf, publicJwkOf } from '../keys/algorithms.js';
import { readKeySet } from '../keys/key-set.js';
import { ALG } from './content-key.js';
import type { DecryptionKeys, EncryptionKey } from './jwe.js';

/**
 * The key of a JWK set (RFC 7517) to which is encrypted now: of those for it that have begun and are not revoked, the newest. Undefined where
 * there is none. Throws KEY_SET_INVALID.
 */
export function encryptionKeyIn(jwks: unknown, now: Date): EncryptionKey | undefined {
  const seconds = now.getTime() / 1000;
  const usable = [...readKeySet(jwks).values()].flatMap(({ kid, use, alg, nbf = 0, exp = Infinity, revokedAt, publicKey }) =>
    use === 'enc' && alg === ALG && revokedAt === undefined && nbf <= seconds && seconds < exp && publicKey !== undefined
      ? [{ kid, publicKey, nbf }]
      : [],
  );
  const [newest] = usable.sort((a, b) => b.nbf - a.nbf || (a.kid < b.kid ? -1 : 1));
  return newest === undefined ? undefined : { kid: newest.kid, publicKey: newest.publicKey };
}

/** Private keys of P-256 for {@link decrypt}. Throws KEY_UNPROVEN for a key of another kind. */
export function decryptionKeys(keys: readonly KeyObject[]): DecryptionKeys {
  return new Map(
    keys.map((key) => {
      const jwk = publicJwkOf(key);
      if (jwk.kty !== 'EC' || key.type !== 'private') throw new FaultError('KEY_UNPROVEN', 'no private key of P-256');
      return [kidOf(jwk), key];
    }),
  );
}

/** The private key in a PEM file (PKCS#8), sealed or not. Throws KEY_UNPROVEN where there is none that the passphrase opens. */
export function readPrivateKey(pem: Buffer, passphrase?: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    throw new FaultError('KEY_UNPROVEN', 'the file holds no private key that can be opened'); // OpenSSL's words may quote it
  }
}
