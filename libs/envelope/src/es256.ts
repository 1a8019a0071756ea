import { type KeyObject, sign, verify } from 'node:crypto';

/** Bytes of an ES256 signature: r ‖ s, 32 bytes each (RFC 7518 section 3.4). */
export const SIGNATURE_BYTES = 64;

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ORDER = Buffer.from(N.toString(16), 'hex');
const HALF_ORDER = Buffer.from((N >> 1n).toString(16).padStart(64, '0'), 'hex');

/** Signs with a private P-256 key that this process holds. */
export function signEs256(key: KeyObject, bytes: Uint8Array): Buffer {
  return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });
}

/**
 * Whether the signature holds. Both s and n−s do, as ECDSA has it: they are two spellings of one statement, which is why
 * nothing is keyed on the bytes of a signature. Zero and values from n upwards are refused before the key is asked.
 */
export function verifyEs256(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const raw = Buffer.from(signature.buffer, signature.byteOffset, SIGNATURE_BYTES);
  return (
    inRange(raw.subarray(0, 32)) && inRange(raw.subarray(32)) && verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, raw)
  );
}

/** The same signature with the smaller of s and n−s, so that what we issue has one form whatever the key store returns. */
export function lowS(signature: Buffer): Buffer {
  const s = signature.subarray(32);
  if (Buffer.compare(s, HALF_ORDER) <= 0) return signature;
  const low = (N - BigInt(`0x${s.toString('hex')}`)).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(low, 'hex')]);
}

function inRange(value: Buffer): boolean {
  return value.some((byte) => byte !== 0) && Buffer.compare(value, ORDER) < 0;
}
