import { createHmac, hash, type KeyObject } from 'node:crypto';
import { sha256Digest } from '#canonical';
import type { Jti, MemberId } from '#record';
import type { Digest } from './claims.js';

/** Bytes of a salt. */
export const SALT_BYTES = 16;

/** The identity of an exchange: the same for the same CloudEvents `source` and `id`, so that sending again changes nothing. */
export function jtiOf(source: string, id: string): Jti {
  return hash('sha256', `khidi-jti\0${source}\0${id}`, 'base64url') as Jti;
}

/**
 * 16 bytes that nobody can guess without the salt key, and that are the same when the same id is sent again: the first half of
 * HMAC-SHA-256 over issuer and `jti`. Without them a digest of a record with few possible values would give it away.
 */
export function saltOf(saltKey: KeyObject, iss: MemberId, jti: Jti): Buffer {
  return createHmac('sha256', saltKey).update(`${iss}\0${jti}`).digest().subarray(0, SALT_BYTES);
}

/** `sha-256:` and the base64url of SHA-256 over the salt followed by `bytes`. */
export function saltedDigest(salt: Uint8Array, bytes: Uint8Array): Digest {
  return sha256Digest(salt, bytes) as Digest;
}
