import { createCipheriv, createDecipheriv, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { canonicalize, parseStrict } from '#canonical';
import type { FaultCode } from '#faults';
import { decodeCanonical, encodes } from '../base64url.js';
import type { Kid } from '../claims.js';
import { publicJwkOf } from '../keys/algorithms.js';
import { isObject } from '../shape.js';
import { ALG, agreedKey, ENC } from './content-key.js';

/** What one kind of JWE is called, what may be in it, and how long it may be, in bytes. */
export interface JweProfile {
  readonly typ: string;
  /** The `cty` that it may have; empty where the kind has none. */
  readonly contents: readonly string[];
  readonly maxBytes: number;
}

/** A public key of P-256 to which is encrypted. */
export interface EncryptionKey {
  readonly kid: Kid;
  readonly publicKey: KeyObject;
}

/** Private keys of P-256 by the thumbprint of their public part. */
export type DecryptionKeys = ReadonlyMap<string, KeyObject>;

/** What was inside, or the first check that failed, with the pointer of a header member where one is to blame. */
export type Decrypted =
  | { readonly ok: true; readonly content: Buffer; readonly cty: string | undefined }
  | { readonly ok: false; readonly code: JweFault; readonly pointer?: string };
export type JweFault = Extract<FaultCode, `ENCRYPTED_${string}`>;

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** ECDH-ES has no encrypted key: nothing stands between the first two dots. */
const GRAMMAR = /^([A-Za-z0-9_-]{1,2048})\.\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]{22})$/;
const KID = /^[A-Za-z0-9_-]{43}$/;

/** Encrypts bytes as compact JWE (RFC 7516): ECDH-ES with a new key pair for each, and A256GCM. */
export function encrypt(content: Uint8Array, profile: JweProfile, key: EncryptionKey, cty?: string): Buffer {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = canonicalize({
    alg: ALG,
    ...(cty === undefined ? {} : { cty }),
    enc: ENC,
    epk: { ...publicJwkOf(ephemeral.publicKey) },
    kid: key.kid,
    typ: profile.typ,
  }).toString('base64url');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, agreedKey(ephemeral.privateKey, key.publicKey), iv);
  cipher.setAAD(Buffer.from(header, 'latin1'));
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  const parts = [iv, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  return Buffer.from([header, '', ...parts].join('.'), 'latin1');
}

/** Whether the bytes begin as a compact JWE of ours does, and so are no envelope. */
export function isEncrypted(bytes: Uint8Array): boolean {
  return /^[A-Za-z0-9_-]{1,2048}\.\./.test(latin1(bytes.subarray(0, 2050)));
}

/**
 * Decrypts a compact JWE, strictly: nothing around it, canonical base64url, a strict JSON header with a closed set of members, one
 * algorithm, a key that is known by id, an ephemeral key that is a point of the curve. Never throws for anything it contains.
 */
export function decrypt(bytes: Uint8Array, profile: JweProfile, keys: DecryptionKeys): Decrypted {
  const parsed = parse(bytes, profile);
  if (!parsed.ok) return parsed;
  const key = keys.get(parsed.kid);
  if (key === undefined) return refuse('ENCRYPTED_KEY_UNKNOWN', '/kid');
  return open(parsed, agreedKey(key, parsed.ephemeral));
}

/** The key of this one message, which opens it and no other ({@link decryptWith}); undefined where `keys` do not. */
export function contentKeyOf(bytes: Uint8Array, profile: JweProfile, keys: DecryptionKeys): Buffer | undefined {
  const parsed = parse(bytes, profile);
  const key = parsed.ok ? keys.get(parsed.kid) : undefined;
  if (!parsed.ok || key === undefined) return undefined;
  const content = agreedKey(key, parsed.ephemeral);
  return open(parsed, content).ok ? content : undefined;
}

/** Decrypts with the key of the message itself, 32 bytes. */
export function decryptWith(bytes: Uint8Array, profile: JweProfile, contentKey: Uint8Array): Decrypted {
  const parsed = parse(bytes, profile);
  return parsed.ok ? open(parsed, contentKey) : parsed;
}

/** A JWE whose header holds, taken apart. */
interface Parsed {
  readonly ok: true;
  readonly kid: string;
  readonly cty: string | undefined;
  readonly ephemeral: KeyObject;
  readonly header: Buffer;
  readonly iv: Buffer;
  readonly sealed: Buffer;
  readonly tag: Buffer;
}
type Refused = Extract<Decrypted, { ok: false }>;

function parse(bytes: Uint8Array, profile: JweProfile): Parsed | Refused {
  if (bytes.length === 0 || bytes.length > profile.maxBytes) return refuse('ENCRYPTED_SIZE');
  const [, head = '', ...rest] = GRAMMAR.exec(latin1(bytes)) ?? [];
  const [header, iv, sealed, tag] = [head, ...rest].map(decodeCanonical);
  if (head === '' || header === undefined || iv?.length !== IV_BYTES || sealed === undefined || tag?.length !== TAG_BYTES)
    return refuse('ENCRYPTED_GRAMMAR');
  const read = parseStrict(header);
  if (!read.ok || !isObject(read.value)) return refuse('ENCRYPTED_HEADER');
  const wrong = wrongMember(read.value, profile);
  if (wrong !== undefined) return refuse('ENCRYPTED_HEADER', wrong);
  const ephemeral = pointOf(read.value.epk);
  if (ephemeral === undefined) return refuse('ENCRYPTED_HEADER', '/epk');
  const { kid, cty } = read.value as { kid: string; cty?: string };
  return { ok: true, kid, cty, ephemeral, header: Buffer.from(head, 'latin1'), iv, sealed, tag };
}

function wrongMember(header: Readonly<Record<string, unknown>>, { typ, contents }: JweProfile): string | undefined {
  const fits: Readonly<Record<string, boolean>> = {
    alg: header.alg === ALG,
    enc: header.enc === ENC,
    epk: isObject(header.epk),
    kid: typeof header.kid === 'string' && KID.test(header.kid),
    typ: header.typ === typ,
    cty: contents.length === 0 ? header.cty === undefined : contents.some((one) => one === header.cty),
  };
  if (Object.keys(header).some((name) => !Object.hasOwn(fits, name))) return '/*';
  const wrong = Object.entries(fits).find(([, fit]) => !fit);
  return wrong === undefined ? undefined : `/${wrong[0]}`;
}

/** The ephemeral key, where it is a point of P-256 and nothing else: a point of another curve would give our key away bit by bit. */
function pointOf(epk: unknown): KeyObject | undefined {
  if (!isObject(epk) || Object.keys(epk).length !== 4) return undefined;
  const { kty, crv, x, y } = epk;
  if (kty !== 'EC' || crv !== 'P-256' || !encodes(x, 32) || !encodes(y, 32)) return undefined;
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  } catch {
    return undefined; // not a point of the curve
  }
}

function open({ header, iv, sealed, tag, cty }: Parsed, contentKey: Uint8Array): Decrypted {
  try {
    const decipher = createDecipheriv(CIPHER, contentKey, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(header);
    decipher.setAuthTag(tag);
    return { ok: true, content: Buffer.concat([decipher.update(sealed), decipher.final()]), cty };
  } catch {
    return refuse('ENCRYPTED_CONTENT'); // the tag, or a key of another length; OpenSSL's message says nothing that helps
  }
}

/** One character for each byte, so that nothing outside ASCII can turn into something inside. */
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

function refuse(code: JweFault, pointer?: string): Refused {
  return { ok: false, code, ...(pointer === undefined ? {} : { pointer }) };
}
