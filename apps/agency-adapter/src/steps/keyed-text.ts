import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;

/**
 * HMAC-SHA-256 (RFC 2104) of texts under one key, as 43 characters of base64url. The padded key is kept ready, since making
 * Node's Hmac object costs several times as much as both hashes of a short text. The key has at most 64 bytes.
 */
export function keyedText(key: Buffer): (text: string) => string {
  if (key.length > BLOCK_BYTES) throw new RangeError('a longer key would have to be hashed first');
  const inner = pad(key, 0x36);
  const outer = pad(key, 0x5c);
  return (text) => {
    const digest = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer');
    return hash('sha256', Buffer.concat([outer, digest]), 'base64url');
  };
}

function pad(key: Buffer, byte: number): Buffer {
  const padded = Buffer.alloc(BLOCK_BYTES, byte);
  for (const [i, value] of key.entries()) padded[i] = value ^ byte;
  return padded;
}
