import { createPublicKey, type KeyObject } from 'node:crypto';
import { FaultError } from '#faults';
import { type MemberId, memberId } from '#record';
import { encodes } from '../base64url.js';
import type { Kid } from '../claims.js';
import { thumbprint } from './thumbprint.js';

/** One public key as it was published. Times are seconds since 1970. */
export interface VerificationKey {
  readonly kid: Kid;
  readonly kty: string;
  readonly crv?: string;
  readonly alg?: string;
  readonly use?: string;
  /** What its owner uses it for, see {@link KeyPurpose}. */
  readonly purpose?: string;
  readonly keyOps?: readonly string[];
  /** The member that the key belongs to; a key that names none verifies nothing. */
  readonly iss?: MemberId;
  readonly nbf?: number;
  readonly exp?: number;
  readonly revokedAt?: number;
  /** Of its certificate, where it has one. */
  readonly x5t?: string;
  /** Present where the key is a valid point of P-256. */
  readonly publicKey?: KeyObject;
}

/** Published keys by key id. */
export type KeySet = ReadonlyMap<string, VerificationKey>;

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
const MAX_KEYS = 1000;

/**
 * Reads a JWK set (RFC 7517) whose keys may name their owner (`iss`) and their time (`nbf`, `exp`, `revoked.revoked_at`).
 * Keys of unknown types are left out; all others are kept, since a verifier says more of a known but unsuitable key than of an
 * unknown one. Throws KEY_SET_INVALID for a set that nobody should trust: not a set, two keys under one id, an id that is not
 * the thumbprint, a private member, a malformed owner or time.
 */
export function readKeySet(jwks: unknown): KeySet {
  const keys = isObject(jwks) && Array.isArray(jwks.keys) ? (jwks.keys as readonly unknown[]) : invalid('it has no list of keys');
  if (keys.length > MAX_KEYS) invalid(`it has more than ${MAX_KEYS} keys`);
  const set = new Map<string, VerificationKey>();
  for (const [at, jwk] of keys.entries()) {
    if (!isObject(jwk)) invalid(`/keys/${at} is not an object`);
    const key = readJwk(jwk, `/keys/${at}`, thumbprint(jwk));
    if (key === undefined) continue;
    if (set.has(key.kid)) invalid(`/keys/${at} repeats a key id`);
    set.set(key.kid, key);
  }
  return set;
}

/**
 * Reads one public JWK whose `kid` must be `expected`: in a key set its thumbprint, undefined for a key type that is unknown,
 * which gives undefined. Throws KEY_SET_INVALID.
 */
export function readJwk(
  jwk: Readonly<Record<string, unknown>>,
  at: string,
  expected: string | undefined,
): VerificationKey | undefined {
  const secret = PRIVATE.find((name) => Object.hasOwn(jwk, name));
  if (secret !== undefined) invalid(`${at}/${secret} is a private member; whoever published it must revoke the key`);
  if (expected === undefined || typeof jwk.kty !== 'string') return undefined;
  if (jwk.kid !== expected) invalid(`${at}/kid is not the thumbprint of the key`);
  const iss = jwk.iss === undefined ? undefined : memberId(String(jwk.iss));
  if (jwk.iss !== undefined && iss === undefined) invalid(`${at}/iss is not a member id`);
  if (jwk.revoked !== undefined && !isObject(jwk.revoked)) invalid(`${at}/revoked is not an object`);
  const revokedAt = isObject(jwk.revoked) ? (time(jwk.revoked.revoked_at, `${at}/revoked/revoked_at`) ?? 0) : undefined;
  const publicKey = p256(jwk);
  return {
    kid: expected as Kid,
    kty: jwk.kty,
    ...present('crv', text(jwk.crv, `${at}/crv`)),
    ...present('alg', text(jwk.alg, `${at}/alg`)),
    ...present('use', text(jwk.use, `${at}/use`)),
    ...present('purpose', text(jwk.purpose, `${at}/purpose`)),
    ...present('keyOps', texts(jwk.key_ops, `${at}/key_ops`)),
    ...present('iss', iss),
    ...present('nbf', time(jwk.nbf, `${at}/nbf`)),
    ...present('exp', time(jwk.exp, `${at}/exp`)),
    ...present('revokedAt', revokedAt),
    ...present('x5t', text(jwk['x5t#S256'], `${at}/x5t#S256`)),
    ...present('publicKey', publicKey),
  };
}

/** The key, where it is a point of P-256 in canonical base64url. */
function p256({ kty, crv, x, y }: Readonly<Record<string, unknown>>): KeyObject | undefined {
  if (kty !== 'EC' || crv !== 'P-256' || !encodes(x, 32) || !encodes(y, 32)) return undefined;
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  } catch {
    return undefined; // not a point of the curve: the key is known, and unsuitable
  }
}

function time(value: unknown, at: string): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0)) return value as number | undefined;
  return invalid(`${at} is not a time in seconds`);
}

function text(value: unknown, at: string): string | undefined {
  return value === undefined || typeof value === 'string' ? value : invalid(`${at} is not a string`);
}

function texts(value: unknown, at: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
    ? value
    : invalid(`${at} is not a list of strings`);
}

/** `{[name]: value}`, or nothing where there is no value. */
function present<N extends string, T>(name: N, value: T | undefined): { [K in N]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [K in N]?: T };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function invalid(why: string): never {
  throw new FaultError('KEY_SET_INVALID', why);
}
