import { parseStrict } from '#canonical';
import { decodeCanonical } from '../base64url.js';
import { MAX_ENVELOPE_BYTES, RECORD_TYP, SD_RECORD_TYP } from '../claims.js';
import { isDisclosable } from '../disclosure/verify-disclosed.js';
import { isObject } from '../shape.js';
import { type Decrypted, type DecryptionKeys, decrypt, type EncryptionKey, encrypt, type JweProfile } from './jwe.js';

/** Base64url makes four characters of three bytes; the rest is for header, vector and tag. */
const grown = (bytes: number): number => Math.ceil((bytes * 4) / 3) + 2048;

/** A delivery that only its consumer can read: the envelope as it is, and around it the encryption. `cty` says which profile is inside. */
const DELIVERY: JweProfile = {
  typ: 'khidi-delivery+jwe',
  contents: [RECORD_TYP, SD_RECORD_TYP],
  maxBytes: grown(MAX_ENVELOPE_BYTES),
};

/** Encrypts an envelope to a consumer's key. What was signed stays as it is: whoever decrypts it has the evidence in hand. */
export function encryptEnvelope(envelope: Uint8Array, key: EncryptionKey): Buffer {
  return encrypt(envelope, DELIVERY, key, isDisclosable(envelope) ? SD_RECORD_TYP : RECORD_TYP);
}

/**
 * The envelope inside, which is still to be verified: anybody may encrypt to a public key. Gives ENCRYPTED_* where it does not open; one
 * whose profile is not what `cty` says has ENCRYPTED_CONTENT.
 */
export function decryptEnvelope(delivery: Uint8Array, keys: DecryptionKeys): Decrypted {
  const decrypted = decrypt(delivery, DELIVERY, keys);
  if (!decrypted.ok) return decrypted;
  const profile = isDisclosable(decrypted.content) ? SD_RECORD_TYP : RECORD_TYP;
  return decrypted.cty === profile ? decrypted : { ok: false, code: 'ENCRYPTED_CONTENT' };
}

/** The `typ` of the envelope inside, as the header says it and nobody has proved it; undefined where it is none of ours. */
export function encryptedContent(delivery: Uint8Array): string | undefined {
  const head = Buffer.from(delivery.subarray(0, 2048)).toString('latin1').split('.', 1)[0] ?? '';
  const header = parseStrict(decodeCanonical(head) ?? Buffer.alloc(0));
  const cty = header.ok && isObject(header.value) ? header.value.cty : undefined;
  return DELIVERY.contents.find((known) => known === cty);
}
