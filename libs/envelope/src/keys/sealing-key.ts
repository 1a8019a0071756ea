import type { KeyObject } from 'node:crypto';
import { generatePrivateKey, kidOf, publicJwkOf, signRaw } from './algorithms.js';
import type { KeyDescription, Signer } from './custody.js';

/** A P-256 sealing key that this process holds. */
export interface SealingKey extends KeyDescription {
  readonly privateKey: KeyObject;
}

/** Makes a new sealing key. */
export function generateSealingKey(now: Date): SealingKey {
  const privateKey = generatePrivateKey('ES256');
  const jwk = publicJwkOf(privateKey);
  return { kid: kidOf(jwk), alg: 'ES256', purpose: 'sealing', created: now, jwk, privateKey };
}

/** Signs in this process, at once. */
export function softwareSigner(key: SealingKey): Signer {
  return { kid: key.kid, sign: (bytes) => signRaw(key.alg, key.privateKey, bytes) };
}
