import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sha256Base64url } from '#canonical';
import { SALT_KEY_BYTES, type Salter, salter } from '#envelope';
import { openOrCreateSealedFile, type Secret } from '#settings';

/** Where salts come from, and what may be said of their key aloud. */
export interface Salt {
  readonly salter: Salter;
  /** To be compared with the one in use before. */
  readonly fingerprint: string;
  /** The file, where it was made just now: on anything but a first start this is an alarm. */
  readonly made?: string;
}

/**
 * Opens the salt key in `folder`, or makes it at the first start. It is used for every record and its secret is needed to recompute
 * what it gave, so it lies in a sealed file whatever the key store is. Throws KEY_FILE_EXPOSED and KEY_FILE_UNREADABLE.
 */
export function openSalt(folder: string, passphrase: Secret): Salt {
  const file = join(folder, 'salt-key.json');
  const { content, created } = openOrCreateSealedFile(file, passphrase, () => randomBytes(SALT_KEY_BYTES));
  return {
    salter: salter(content),
    fingerprint: sha256Base64url(Buffer.from('khidi salt key fingerprint\0'), content),
    ...(created ? { made: file } : {}),
  };
}
