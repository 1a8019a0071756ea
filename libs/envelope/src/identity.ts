import { hash } from 'node:crypto';
import { sha256Digest } from '#canonical';
import { FaultError } from '#faults';
import type { Jti, MemberId } from '#record';
import type { Digest } from './claims.js';

/** Bytes of a salt. */
export const SALT_BYTES = 16;

/** The identity of an exchange: the same for the same CloudEvents `source` and `id`, so that sending again changes nothing. */
export function jtiOf(source: string, id: string): Jti {
  return hash('sha256', `khidi-jti\0${source}\0${id}`, 'base64url') as Jti;
}

/** Gives the salt of an exchange. The key is inside and cannot be printed. */
export type Salter = (iss: MemberId, jti: Jti) => Buffer;

/** Bytes of a salt key. */
export const SALT_KEY_BYTES = 32;

/**
 * Salts of 16 bytes that nobody can guess without the key, and that are the same when the same id is sent again: the first half
 * of HMAC-SHA-256 over issuer and `jti`. Without them a digest of a record with few possible values would give it away.
 *
 * HMAC is written out (RFC 2104) with its padded keys ready: for messages this short, making Node's Hmac object costs more than
 * both hashes. Throws KEY_UNPROVEN for a key that is not 32 bytes.
 */
export function salter(key: Uint8Array): Salter {
  if (key.length !== SALT_KEY_BYTES) throw new FaultError('KEY_UNPROVEN', `a salt key has ${SALT_KEY_BYTES} bytes`);
  const inner = padded(key, 0x36, ROOM);
  const outer = padded(key, 0x5c, DIGEST_BYTES);
  return (iss, jti) => {
    const end = BLOCK_BYTES + inner.write(`${iss}\0${jti}`, BLOCK_BYTES, 'binary');
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
    return Buffer.from(hash('sha256', outer, 'binary'), 'binary').subarray(0, SALT_BYTES);
  };
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** The longest member id has 66 characters, a `jti` 43. */
const ROOM = 66 + 1 + 43;

function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES + room);
  for (let i = 0; i < BLOCK_BYTES; i++) block[i] = (key[i] ?? 0) ^ pad;
  return block;
}

/** `sha-256:` and the base64url of SHA-256 over the salt followed by `bytes`. */
export function saltedDigest(salt: Uint8Array, bytes: Uint8Array): Digest {
  return sha256Digest(salt, bytes) as Digest;
}
