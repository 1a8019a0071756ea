import { createHash, diffieHellman, type KeyObject } from 'node:crypto';

/** The one way in which we encrypt: a key agreed on afresh for each message, used directly (RFC 7518 sections 4.6 and 5.3). */
export const ALG = 'ECDH-ES';
export const ENC = 'A256GCM';
const KEY_BITS = 256;

/**
 * The content key of one message, 32 bytes: Concat KDF over the shared secret of both keys (RFC 7518 section 4.6.2), of which one
 * round of SHA-256 gives all that A256GCM takes. Neither party is named in it: `apu` and `apv` are empty.
 */
export function agreedKey(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const shared = diffieHellman({ privateKey, publicKey });
  const other = [prefixed(Buffer.from(ENC)), prefixed(Buffer.alloc(0)), prefixed(Buffer.alloc(0)), uint32(KEY_BITS)];
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), shared, ...other]))
    .digest();
}

const prefixed = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
