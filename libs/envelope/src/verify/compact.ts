import type { KeyObject } from 'node:crypto';
import { parseStrict, sliceMembers } from '#canonical';
import { decodeCanonical } from '../base64url.js';
import { MAX_ENVELOPE_BYTES } from '../claims.js';
import { SIGNATURE_BYTES, verifyEs256, verifyEs256InPool } from '../es256.js';
import type { KeyPurpose } from '../keys/custody.js';
import type { KeySet, VerificationKey } from '../keys/key-set.js';
import { isObject } from '../shape.js';
import type { StepFault } from './steps.js';

/** What one kind of JWS demands of its protected header and its key. */
export interface CompactProfile {
  /** Members that must be present, and those that may be, with their form; any other is refused. */
  readonly required: readonly string[];
  readonly optional: Readonly<Record<string, (value: unknown) => boolean>>;
  /** The `typ` that it must have; undefined where the kind has none. */
  readonly typ?: string;
  readonly kid: RegExp;
  /** Whether the payload names its issuer, to whom the key must belong. */
  readonly issuer: boolean;
  /** What the key must have been made for; undefined where the kind does not say. */
  readonly purpose?: KeyPurpose;
  /** How long it may be, in bytes, where that is not the size of an envelope. */
  readonly limit?: number;
}

/** A JWS whose signature holds: its header, the key that holds it, and the payload bytes as signed. */
export interface VerifiedCompact {
  readonly ok: true;
  readonly header: Readonly<Record<string, unknown>>;
  readonly key: VerificationKey;
  readonly payload: Buffer;
}
/** The first check that failed, and the pointer of a header member where one is to blame. */
export interface RefusedCompact {
  readonly ok: false;
  readonly code: StepFault;
  readonly pointer?: string;
}

const GRAMMAR = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]+)$/;
const MAX_HEADER_CHARACTERS = 4096;

/**
 * Checks a compact JWS (RFC 7515) up to its signature, strictly: ASCII and nothing around it, canonical base64url, a strict JSON
 * header with a closed set of members, ES256 only, a key that is known by id, belongs to the issuer, was made for this and was
 * valid: see {@link isValid}. `trusted` is when a witness other than the issuer saw it. The payload is read before the signature only to compare its `iss`, and nothing of it is passed on.
 */
export function verifyCompact(
  envelope: Uint8Array,
  profile: CompactProfile,
  keys: KeySet,
  now: Date,
  trusted?: Date,
): VerifiedCompact | RefusedCompact {
  const opened = openCompact(envelope, profile, keys, now, trusted);
  if (!opened.ok) return opened;
  const { publicKey, signed, signature, ...verified } = opened;
  return verifyEs256(publicKey, signed, signature) ? verified : refuse('ENVELOPE_SIGNATURE');
}

/** {@link verifyCompact} with the signature checked in Node's thread pool. */
export async function verifyCompactInPool(
  envelope: Uint8Array,
  profile: CompactProfile,
  keys: KeySet,
  now: Date,
): Promise<VerifiedCompact | RefusedCompact> {
  const opened = openCompact(envelope, profile, keys, now);
  if (!opened.ok) return opened;
  const { publicKey, signed, signature, ...verified } = opened;
  return (await verifyEs256InPool(publicKey, signed, signature)) ? verified : refuse('ENVELOPE_SIGNATURE');
}

/** All but the signature: what it must be of, and by which key. */
interface OpenedCompact extends VerifiedCompact {
  readonly publicKey: KeyObject;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

function openCompact(
  envelope: Uint8Array,
  profile: CompactProfile,
  keys: KeySet,
  now: Date,
  trusted?: Date,
): OpenedCompact | RefusedCompact {
  if (envelope.length === 0 || envelope.length > (profile.limit ?? MAX_ENVELOPE_BYTES)) return refuse('ENVELOPE_SIZE');
  // Latin-1 gives every byte one character, so that nothing outside ASCII can turn into something inside; it is also a copy
  // that the caller cannot change any more.
  const text = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.length).toString('latin1');
  const [, head, body, tail] = GRAMMAR.exec(text) ?? [];
  if (head === undefined || body === undefined || tail === undefined) return refuse('ENVELOPE_GRAMMAR');
  const headerBytes = decodeCanonical(head);
  const payload = decodeCanonical(body);
  const signature = decodeCanonical(tail);
  if (headerBytes === undefined || payload === undefined || signature === undefined) return refuse('ENVELOPE_BASE64');

  const parsed = head.length > MAX_HEADER_CHARACTERS ? undefined : parseStrict(headerBytes);
  if (parsed?.ok !== true || !isObject(parsed.value)) return refuse('ENVELOPE_HEADER_JSON');
  const header = parsed.value;
  const member = wrongMember(header, profile);
  if (member !== undefined) return refuse('ENVELOPE_HEADER_MEMBER', member);
  if (profile.typ !== undefined && header.typ !== profile.typ) return refuse('ENVELOPE_TYP', '/typ');
  if (header.alg !== 'ES256') return refuse('ENVELOPE_ALG', '/alg');
  if (typeof header.kid !== 'string' || !profile.kid.test(header.kid)) return refuse('ENVELOPE_KID_FORM', '/kid');

  const key = keys.get(header.kid);
  if (key === undefined) return refuse('ENVELOPE_KEY_UNKNOWN', '/kid');
  if (profile.issuer && (key.iss === undefined || issuerOf(payload) !== key.iss)) return refuse('ENVELOPE_KEY_ISSUER');
  const { publicKey } = key;
  if (publicKey === undefined || !isForVerifying(key, profile)) return refuse('ENVELOPE_KEY_ALGORITHM');
  if (!isValid(key, header.iat, now, trusted)) return refuse('ENVELOPE_KEY_STATUS');
  if (signature.length !== SIGNATURE_BYTES) return refuse('ENVELOPE_SIGNATURE');
  return { ok: true, header, key, payload, publicKey, signed: Buffer.from(`${head}.${body}`, 'latin1'), signature };
}

function wrongMember(header: Readonly<Record<string, unknown>>, { required, optional }: CompactProfile): string | undefined {
  const missing = required.find((name) => !Object.hasOwn(header, name));
  if (missing !== undefined) return `/${missing}`;
  for (const [name, value] of Object.entries(header)) {
    if (required.includes(name)) continue;
    const hasForm = Object.hasOwn(optional, name) ? optional[name] : undefined;
    if (hasForm === undefined) return '/*';
    if (!hasForm(value)) return `/${name}`;
  }
  return undefined;
}

/** `iss` as a payload says it that nobody has vouched for yet. */
function issuerOf(payload: Buffer): unknown {
  const place = sliceMembers(payload)?.get('iss');
  const value = place === undefined ? undefined : parseStrict(payload.subarray(place.start, place.end));
  return value?.ok === true ? value.value : undefined;
}

function isForVerifying(key: VerificationKey, { purpose }: CompactProfile): boolean {
  return (
    key.kty === 'EC' &&
    key.crv === 'P-256' &&
    key.alg === 'ES256' &&
    key.use === 'sig' &&
    (purpose === undefined || key.purpose === purpose) &&
    (key.keyOps === undefined || key.keyOps.includes('verify'))
  );
}

/**
 * A key holds from its first moment on. What was sealed before it was retired holds for ever, by the time in the header, which is
 * signed: nobody else had the key. A revoked key may have been in other hands, and then that time is theirs to choose: only what a
 * witness saw before the revocation holds.
 */
function isValid({ nbf = 0, exp = Infinity, revokedAt }: VerificationKey, iat: unknown, now: Date, trusted?: Date): boolean {
  const at = (trusted ?? now).getTime() / 1000; // a time that is not a number fails each comparison
  const revoked = revokedAt !== undefined && (trusted === undefined || !(at < revokedAt));
  return at >= nbf && (typeof iat === 'number' ? iat : at) < exp && !revoked;
}

function refuse(code: StepFault, pointer?: string): RefusedCompact {
  return { ok: false, code, ...(pointer === undefined ? {} : { pointer }) };
}
