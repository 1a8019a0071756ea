import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256Digest } from '#canonical';

/** What a caller sent by HTTP Basic authentication (RFC 7617). */
export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

/** Reads an `Authorization` header; undefined where it is not well-formed Basic authentication. */
export function parseBasic(header: string | undefined): BasicCredentials | undefined {
  const encoded = BASIC.exec(header ?? '')?.[1];
  if (encoded === undefined || encoded.length > 2048) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon <= 0 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/**
 * A new machine-made secret of 256 random bits and the hash that may be stored. A plain SHA-256 suffices because the secret
 * cannot be guessed; secrets that people choose are refused by {@link checkSecret}.
 */
export function newSecret(): { secret: string; hash: string } {
  const secret = `khidi_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashSecret(secret) };
}

/** The stored form of a secret: `sha-256:<base64url>`. */
export function hashSecret(secret: string): string {
  return sha256Digest(Buffer.from(secret));
}

const MACHINE_MADE = /^khidi_[A-Za-z0-9_-]{43}$/;

/** Whether `secret` has the stored `hash`, compared in constant time. */
export function checkSecret(secret: string, hash: string): boolean {
  const expected = Buffer.from(hash);
  const actual = Buffer.from(hashSecret(secret));
  const same = expected.length === actual.length && timingSafeEqual(expected, actual);
  return same && MACHINE_MADE.test(secret);
}

/** Stored hashes by user name, as read from a callers file: `{"<user>": ["sha-256:…", …]}`; two hashes allow rotation. */
export type Callers = ReadonlyMap<string, readonly string[]>;

const HASH = /^sha-256:[A-Za-z0-9_-]{43}$/;
/** Compared when the user is unknown, so that both answers take the same time. */
const NOBODY = [hashSecret('nobody')];

/** Reads a callers file. Returns undefined where a name or hash has another form. */
export function readCallers(json: unknown): Callers | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const callers = new Map<string, readonly string[]>();
  for (const [user, hashes] of Object.entries(json)) {
    if (!Array.isArray(hashes) || !hashes.every((hash) => typeof hash === 'string' && HASH.test(hash))) return undefined;
    callers.set(user, hashes);
  }
  return callers;
}

/** The user that the header proves to be, or undefined. An unknown user costs the same as a wrong secret. */
export function authenticate(header: string | undefined, callers: Callers): string | undefined {
  const sent = parseBasic(header);
  if (sent === undefined) return undefined;
  const hashes = callers.get(sent.user) ?? NOBODY;
  const matches = hashes.filter((hash) => checkSecret(sent.password, hash)).length > 0;
  return matches && callers.has(sent.user) ? sent.user : undefined;
}
