import { randomBytes } from 'node:crypto';
import { canonicalize, type JsonValue, parseStrict } from '#canonical';
import { FaultError } from '#faults';
import type { MemberId } from '#record';
import { encodes } from '../base64url.js';
import { type Digest, type EventClaim, MAX_ORIGIN_SEAL_BYTES } from '../claims.js';
import { lowS, SIGNATURE_BYTES } from '../es256.js';
import { SALT_BYTES, saltedDigest } from '../identity.js';
import type { Signer } from '../keys/custody.js';
import type { KeySet } from '../keys/key-set.js';
import { isObject } from '../shape.js';
import { type CompactProfile, verifyCompact } from '../verify/compact.js';

/** The media type of an origin seal. */
const ORIGIN_TYP = 'khidi-origin+jwt';

const PROFILE: CompactProfile = {
  required: ['alg', 'iat', 'kid', 'typ'],
  optional: { 'x5t#S256': (value) => encodes(value, 32) },
  typ: ORIGIN_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'origin',
};

/** What an agency states of its event; the subject is not in it, since only the gateway knows its pseudonym. */
export type OriginEvent = Omit<EventClaim, 'subject' | 'dataschema'> & { readonly dataschema: string };

/** Who seals at the origin. */
export interface OriginSealer {
  readonly iss: MemberId;
  readonly signer: Signer;
}

/**
 * The agency's own statement about one record event, as a compact JWS: "I state this record under this id". `record` is the RFC 8785
 * form of the record; the seal carries its digest over a salt of its own. It travels beside the record and stands in the envelope.
 * Rejects with KEY_STORE_UNAVAILABLE and KEY_UNPROVEN.
 */
export async function sealOrigin(
  event: OriginEvent,
  record: Uint8Array,
  { iss, signer }: OriginSealer,
  at: Date,
): Promise<string> {
  const iat = Math.floor(at.getTime() / 1000);
  const salt = randomBytes(SALT_BYTES);
  const part = (value: JsonValue) => canonicalize(value).toString('base64url');
  const x5t = signer.x5t === undefined ? {} : { 'x5t#S256': signer.x5t };
  const header = part({ alg: 'ES256', iat, kid: signer.kid, typ: ORIGIN_TYP, ...x5t });
  const { id, source, type, time, dataschema } = event;
  const stated = { dataschema, id, source, time, type };
  const payload = part({ event: stated, iat, iss, record_digest: saltedDigest(salt, record), salt: salt.toString('base64url') });
  const signed = `${header}.${payload}`;
  const signature = await Promise.resolve()
    .then(() => signer.sign(Buffer.from(signed)))
    .catch((cause: unknown) => {
      throw new FaultError('KEY_STORE_UNAVAILABLE', 'the signer failed', { cause });
    });
  if (signature.length !== SIGNATURE_BYTES) throw new FaultError('KEY_UNPROVEN', 'the signer returned no ES256 signature');
  return `${signed}.${lowS(signature).toString('base64url')}`;
}

/** What an origin seal is held against. */
export interface OriginExpected {
  /** Who must have sealed it. */
  readonly member: MemberId;
  readonly event: OriginEvent;
  /** The RFC 8785 bytes of the record. */
  readonly record: Uint8Array;
  readonly now: Date;
  /** When a witness other than its maker saw it; see {@link verifyCompact}. */
  readonly trustedTime?: Date;
}

const CLAIMS = ['event', 'iat', 'iss', 'record_digest', 'salt'];
const EVENT = ['dataschema', 'id', 'source', 'time', 'type'] as const;
const LEEWAY_SECONDS = 60;

/** Undefined where the seal holds for this member, event and record; otherwise what does not, in a word for logs and tests. */
export function originMisfit(seal: Uint8Array, keys: KeySet, expected: OriginExpected): string | undefined {
  if (seal.length > MAX_ORIGIN_SEAL_BYTES) return 'size';
  const compact = verifyCompact(seal, PROFILE, keys, expected.now, expected.trustedTime);
  if (!compact.ok) return compact.code;
  const parsed = parseStrict(compact.payload);
  if (!parsed.ok || !isObject(parsed.value) || !hasOnly(parsed.value, CLAIMS)) return 'claims';
  const { event, iat, iss, record_digest: digest, salt } = parsed.value;
  if (iss !== expected.member || iss !== compact.key.iss) return 'iss';
  if (iat !== compact.header.iat || !(Number(iat) <= expected.now.getTime() / 1000 + LEEWAY_SECONDS)) return 'iat';
  if (!isObject(event) || !hasOnly(event, EVENT)) return 'event';
  const other = EVENT.find((name) => event[name] !== expected.event[name]);
  if (other !== undefined) return `event/${other}`;
  if (!encodes(salt, SALT_BYTES)) return 'salt';
  const stated: Digest = saltedDigest(Buffer.from(salt, 'base64url'), expected.record);
  return digest === stated ? undefined : 'record_digest';
}

function hasOnly(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name));
}
