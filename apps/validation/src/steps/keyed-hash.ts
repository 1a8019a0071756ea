import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/** HMAC-SHA-256 of the parts one after another, as 43 characters of base64url. The key is inside and cannot be printed. */
export interface KeyedHash {
  (text: string): string;
  (prefix: string, bytes: Buffer): string;
}

/**
 * HMAC (RFC 2104) written out with its padded key ready, since making Node's Hmac object costs three times as much as both
 * hashes of a short message. The key has 32 bytes.
 */
export function keyedHash(key: Uint8Array): KeyedHash {
  if (key.length !== DIGEST_BYTES) throw new RangeError('a hash key has 32 bytes');
  let inner = padded(key, 0x36, 4096);
  const outer = padded(key, 0x5c, DIGEST_BYTES);
  return (prefix: string, bytes?: Buffer) => {
    const room = BLOCK_BYTES + prefix.length * 3 + (bytes?.length ?? 0); // a UTF-16 unit has at most three bytes of UTF-8
    if (room > inner.length) inner = padded(key, 0x36, room * 2);
    let end = BLOCK_BYTES + inner.write(prefix, BLOCK_BYTES, 'utf8');
    if (bytes !== undefined) end += bytes.copy(inner, end);
    // A digest as a string is several times cheaper than as a buffer of its own.
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
    return hash('sha256', outer, 'base64url');
  };
}

function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES + room);
  for (let i = 0; i < BLOCK_BYTES; i++) block[i] = (key[i] ?? 0) ^ pad;
  return block;
}
