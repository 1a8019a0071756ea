import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';

/** What a key of a note signs: the text itself, or a checkpoint with the time at which it was seen (signed-note, tlog-cosignature). */
export const SIGNATURE_TYPE = { note: 0x01, cosignature: 0x04 } as const;
export type SignatureType = keyof typeof SIGNATURE_TYPE;

const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** Who signed, as a reader knows it. Only Ed25519. */
export interface NoteKey {
  readonly name: string;
  readonly type: SignatureType;
  readonly keyId: Buffer;
  /** The 32 bytes of RFC 8032. */
  readonly publicKey: Buffer;
  /** The key as C2SP's tools take it: `<name>+<key id>+<type and public key>`. */
  readonly vkey: string;
  /** Whether the 64 bytes are this key's signature of `message`. */
  verify(message: Buffer, signature: Buffer): boolean;
}

/** Signs messages with one key. Throws KEY_STORE_UNAVAILABLE where the key does not answer. */
export interface NoteSigner {
  readonly key: NoteKey;
  sign(message: Buffer): Promise<Buffer>;
}

/** Neither empty nor with a space or a plus in it. */
const NAME = /^[^\s+\p{Cc}]+$/u;

/** The key of this name. Throws RangeError for a name or a key that a note cannot have. */
export function noteKey(name: string, type: SignatureType, publicKey: Buffer): NoteKey {
  if (!NAME.test(name) || publicKey.length !== PUBLIC_KEY_BYTES) throw new RangeError('neither a name nor a key of a note');
  const typed = Buffer.concat([Buffer.from([SIGNATURE_TYPE[type]]), publicKey]);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'hex').slice(0, 2 * KEY_ID_BYTES);
  const key = ed25519(publicKey);
  return {
    name,
    type,
    keyId: Buffer.from(id, 'hex'),
    publicKey,
    vkey: `${name}+${id}+${typed.toString('base64')}`,
    verify: (message, signature) => signature.length === ED25519_SIGNATURE_BYTES && verify(null, message, key, signature),
  };
}

const VKEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/;

/** Reads a verifier key; undefined where it is none, of another algorithm, or its key id is not that of its key. */
export function readVkey(vkey: string): NoteKey | undefined {
  const [, name = '', id = '', encoded = ''] = VKEY.exec(vkey) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  const type = (Object.keys(SIGNATURE_TYPE) as SignatureType[]).find((known) => SIGNATURE_TYPE[known] === typed[0]);
  if (type === undefined || typed.length !== 1 + PUBLIC_KEY_BYTES || !NAME.test(name)) return undefined;
  const key = noteKey(name, type, typed.subarray(1));
  return key.keyId.toString('hex') === id && key.vkey === vkey ? key : undefined;
}

function ed25519(raw: Buffer): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
}
