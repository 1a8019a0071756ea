import { createHash, hash } from 'node:crypto';

/** What a digest in an envelope, a schema or a hashed secret begins with. */
export const DIGEST_PREFIX = 'sha-256:';

const DIGEST = /^sha-256:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
/** Below this size, joining the parts and hashing them in one call is cheaper than a hash object. */
const JOIN_BELOW = 16 * 1024;

/** SHA-256 (FIPS 180-4) of the parts one after another: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  // A string and a pooled buffer are half as dear as the buffer that `hash` would allocate by itself.
  return Buffer.from(digest(parts, 'binary'), 'binary');
}

/** SHA-256 of the parts one after another, as 43 characters of base64url without padding. */
export function sha256Base64url(...parts: readonly Uint8Array[]): string {
  return digest(parts, 'base64url');
}

/** `sha-256:` and the base64url of SHA-256 of the parts one after another, as it stands in envelopes. */
export function sha256Digest(...parts: readonly Uint8Array[]): string {
  return DIGEST_PREFIX + digest(parts, 'base64url');
}

/** Whether a text has the form that {@link sha256Digest} gives, without spare bits in its last character. */
export function isSha256Digest(text: string): boolean {
  return DIGEST.test(text);
}

function digest(parts: readonly Uint8Array[], encoding: 'binary' | 'base64url'): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return hash('sha256', only, encoding);
  if (parts.reduce((bytes, part) => bytes + part.length, 0) < JOIN_BELOW) return hash('sha256', Buffer.concat(parts), encoding);
  const running = createHash('sha256');
  for (const part of parts) running.update(part);
  return running.digest(encoding);
}
