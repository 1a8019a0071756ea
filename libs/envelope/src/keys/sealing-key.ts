import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { FaultError } from '#faults';
import type { MemberId } from '#record';
import type { Kid } from '../claims.js';
import { signEs256 } from '../es256.js';
import { thumbprint } from './thumbprint.js';

/**
 * Signs with one key, wherever it lives (this process, a token, a key service). `sign` returns the raw signature, r ‖ s of 64
 * bytes, at once or later. It must not fail for reasons that lie in the bytes.
 */
export interface Signer {
  readonly kid: Kid;
  sign(bytes: Uint8Array): Buffer | Promise<Buffer>;
}

/** A P-256 sealing key that this process holds, and when it was made. */
export interface SealingKey {
  readonly kid: Kid;
  readonly created: Date;
  readonly privateKey: KeyObject;
}

/** A public key as it is published: RFC 7517, with its owner and its first moment. */
export interface PublishedKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: Kid;
  readonly alg: 'ES256';
  readonly use: 'sig';
  readonly iss: MemberId;
  readonly nbf: number;
}

/** Makes a new sealing key. */
export function generateSealingKey(now: Date): SealingKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid: kidOf(privateKey), created: now, privateKey };
}

/** The bytes to keep in a sealed file. They contain the private key. */
export function exportSealingKey(key: SealingKey): Buffer {
  const { privateKey, created, kid } = key;
  return Buffer.from(JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, created: created.toISOString() }));
}

/** Reads what {@link exportSealingKey} wrote. Throws KEY_UNPROVEN for anything else, and never says what it saw. */
export function importSealingKey(bytes: Uint8Array): SealingKey {
  try {
    const { kid, created, ...jwk } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, string>;
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    const at = new Date(created ?? '');
    if (kid !== undefined && kidOf(privateKey) === kid && jwk.crv === 'P-256' && !Number.isNaN(at.getTime()))
      return { kid: kid as Kid, created: at, privateKey };
  } catch {
    // the message of a parser would quote the key
  }
  throw new FaultError('KEY_UNPROVEN', 'the key file does not hold a P-256 key with its own thumbprint');
}

/** Signs in this process, at once. */
export function softwareSigner(key: SealingKey): Signer {
  return { kid: key.kid, sign: (bytes) => signEs256(key.privateKey, bytes) };
}

/** The public part, as it stands in a JWK set under its owner. */
export function publishedKey(key: SealingKey, iss: MemberId): PublishedKey {
  const { x = '', y = '' } = createPublicKey(key.privateKey).export({ format: 'jwk' });
  const nbf = Math.floor(key.created.getTime() / 1000);
  return { kty: 'EC', crv: 'P-256', x, y, kid: key.kid, alg: 'ES256', use: 'sig', iss, nbf };
}

function kidOf(privateKey: KeyObject): Kid {
  const kid = thumbprint({ ...createPublicKey(privateKey).export({ format: 'jwk' }) });
  if (kid === undefined) throw new FaultError('KEY_UNPROVEN', 'the key has no thumbprint');
  return kid;
}
