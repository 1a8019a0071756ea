import { type Decrypted, decryptWith, encrypt, encryptionKeyIn, type JweProfile } from '#envelope';
import { FaultError } from '#faults';
import { readJsonFile } from '#settings';
import type { Logger } from '#telemetry';

/** A dead letter's body, which only the operators can read. The largest body is a record of 2 MiB; base64url makes it a third longer. */
export const DEAD_LETTER_BODY: JweProfile = { typ: 'khidi-dead-letter+jwe', contents: [], maxBytes: 2.75 * 1024 * 1024 };

/** Makes a body unreadable for everybody but the operators. */
export interface DeadLetterSeal {
  /** The thumbprint of their key. */
  readonly kid: string;
  seal(body: Uint8Array): Buffer;
}

/** Encrypts to the newest key of a JWK set. Throws SETTINGS_INVALID where it has none, and KEY_SET_INVALID. */
export function deadLetterSeal(jwks: unknown, now: Date): DeadLetterSeal {
  const key = encryptionKeyIn(jwks, now);
  if (key === undefined) throw new FaultError('SETTINGS_INVALID', 'KHIDI_DEAD_LETTER_KEY has no key for encryption (use "enc")');
  return { kid: key.kid, seal: (body) => encrypt(body, DEAD_LETTER_BODY, key) };
}

/** {@link deadLetterSeal} of a file. Without a file bodies are kept as they are, and the log says so. */
export function openDeadLetterSeal(file: string, log: Pick<Logger, 'warn'>): DeadLetterSeal | undefined {
  if (file !== '') return deadLetterSeal(readJsonFile(file), new Date());
  log.warn('bodies of dead letters are not encrypted', { setting: 'KHIDI_DEAD_LETTER_KEY' });
  return undefined;
}

/** The body of a dead letter, by the key of this one message, which the operators took out of it. Gives ENCRYPTED_*. */
export function openDeadLetterBody(body: Uint8Array, contentKey: Uint8Array): Decrypted {
  return decryptWith(body, DEAD_LETTER_BODY, contentKey);
}
