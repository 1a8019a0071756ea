import { type KeyObject, sign, verify } from 'node:crypto';

/** Bytes of an ES256 signature: r ‖ s, 32 bytes each (RFC 7518 section 3.4). */
export const SIGNATURE_BYTES = 64;

/** n, the order of P-256 (FIPS 186-5), and its half rounded down. */
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const HALF_ORDER = Buffer.from('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8', 'hex');

/** Signs with a private P-256 key that this process holds. */
export function signEs256(key: KeyObject, bytes: Uint8Array): Buffer {
  return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });
}

/**
 * Whether the signature holds. Both s and n−s do, as ECDSA has it: they are two spellings of one statement, which is why
 * nothing is keyed on the bytes of a signature. Zero and values from n upwards are refused before the key is asked.
 */
export function verifyEs256(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  const raw = rawSignature(signature);
  return raw !== undefined && verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, raw);
}

/** The same in Node's thread pool, so that this thread goes on meanwhile and more than one core can work. */
export function verifyEs256InPool(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const raw = rawSignature(signature);
  if (raw === undefined) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, raw, (error, holds) => {
      if (error === null) resolve(holds);
      else reject(error);
    });
  });
}

/** The bytes of a signature that the key may be asked about. */
function rawSignature(signature: Uint8Array): Buffer | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const raw = Buffer.from(signature.buffer, signature.byteOffset, SIGNATURE_BYTES);
  return inRange(raw.subarray(0, 32)) && inRange(raw.subarray(32)) ? raw : undefined;
}

/** The same signature with the smaller of s and n−s, so that what we issue has one form whatever the key store returns. */
export function lowS(signature: Buffer): Buffer {
  if (Buffer.compare(signature.subarray(32), HALF_ORDER) <= 0) return signature;
  const low = Buffer.from(signature);
  let borrow = 0;
  for (let i = 31; i >= 0; i--) {
    const difference = (ORDER[i] ?? 0) - (signature[32 + i] ?? 0) - borrow;
    borrow = difference < 0 ? 1 : 0;
    low[32 + i] = difference;
  }
  return low;
}

function inRange(value: Buffer): boolean {
  return value.some((byte) => byte !== 0) && Buffer.compare(value, ORDER) < 0;
}
