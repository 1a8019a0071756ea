import type { Kid } from '../claims.js';
import type { PublicJwk, SignatureAlgorithm } from './algorithms.js';

/** What keys are for. One key serves one purpose and has one algorithm, for ever. */
export const KEY_PURPOSES = [
  'sealing',
  'origin',
  'receipts',
  'log',
  'witness',
  'key-set',
  'configuration',
  'agreement',
  'permits',
] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** What may be said of a key aloud. */
export interface KeyDescription {
  /** RFC 7638 thumbprint. */
  readonly kid: Kid;
  readonly alg: SignatureAlgorithm;
  readonly purpose: KeyPurpose;
  readonly created: Date;
  readonly jwk: PublicJwk;
}

/**
 * Keeps private keys, wherever they live: sealed files, a PKCS#11 token, a key service. They never leave it: it signs and says
 * what is public. All of it rejects with KEY_STORE_UNAVAILABLE while the store does not answer.
 */
export interface KeyCustody {
  /** The kind of store, for logs and readiness. */
  readonly store: 'file' | 'pkcs11' | 'transit';
  /**
   * The raw signature over `bytes` with the algorithm of the key: 64 bytes, r ‖ s for ES256 (RFC 7518 section 3.4), R ‖ S for
   * Ed25519 (RFC 8032). At once where the key lives in this process, otherwise later. Fails with KEY_ABSENT for a key that the
   * store does not have; never for reasons that lie in the bytes.
   */
  sign(kid: Kid, bytes: Uint8Array): Buffer | Promise<Buffer>;
  /** The same for many messages, in order, where the store does that better than one by one. All of them or none. */
  signMany?(kid: Kid, messages: readonly Uint8Array[]): readonly Buffer[] | Promise<readonly Buffer[]>;
  /** All keys for a purpose, oldest first. */
  keys(purpose: KeyPurpose): Promise<readonly KeyDescription[]>;
  /** Makes a key inside the store. Nothing else ever makes one. */
  create(purpose: KeyPurpose, alg: SignatureAlgorithm, now: Date): Promise<KeyDescription>;
  /** False while the store is known not to sign. */
  ready(): boolean;
  close(): Promise<void>;
}

/**
 * Signs with one key, wherever it lives. `sign` returns the raw signature, r ‖ s of 64 bytes, at once or later. It must not
 * fail for reasons that lie in the bytes.
 */
export interface Signer {
  readonly kid: Kid;
  /** Once the key has a certificate: base64url of SHA-256 over its DER (RFC 7515 section 4.1.8). */
  readonly x5t?: string;
  sign(bytes: Uint8Array): Buffer | Promise<Buffer>;
  /** The same for many messages, in order, where that is better than one by one. All of them or none. */
  signMany?(messages: readonly Uint8Array[]): readonly Buffer[] | Promise<readonly Buffer[]>;
}

/** One key of a store as a signer. */
export function signerOf(custody: KeyCustody, kid: Kid, x5t?: string): Signer {
  const { signMany } = custody;
  return {
    kid,
    ...(x5t === undefined ? {} : { x5t }),
    sign: (bytes) => custody.sign(kid, bytes),
    ...(signMany === undefined ? {} : { signMany: (messages) => signMany.call(custody, kid, messages) }),
  };
}
