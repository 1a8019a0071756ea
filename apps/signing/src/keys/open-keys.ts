import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sha256Base64url } from '#canonical';
import { keyFor } from '#custody';
import { type KeyCustody, publishedKey, SALT_KEY_BYTES, type Sealer, salter, signerOf } from '#envelope';
import type { MemberId } from '#record';
import { openOrCreateSealedFile, type Secret } from '#settings';

/** The keys of this service, ready for use, and what may be said of them aloud. */
export interface SigningKeys {
  readonly sealer: Sealer;
  /** The JWK set as it is published, byte for byte. */
  readonly keySet: Buffer;
  readonly created: Date;
  /** Purpose and fingerprint of each key, to be compared with those in use before. */
  readonly epochs: readonly (readonly [purpose: string, fingerprint: string])[];
  /** The files that were made just now: on anything but a first start this is an alarm. */
  readonly made: readonly string[];
}

/**
 * Opens the sealing key where private keys live and the salt key in `folder`, or makes them at the first start. Throws KEY_FILE_EXPOSED,
 * KEY_FILE_UNREADABLE, and KEY_UNPROVEN for a file that holds something else.
 */
export async function openKeys(
  custody: KeyCustody,
  folder: string,
  passphrase: Secret,
  iss: MemberId,
  now: Date,
): Promise<SigningKeys> {
  const saltFile = join(folder, 'salt-key.json');
  const { key, made } = await keyFor(custody, 'sealing', 'ES256', now);
  const salt = openOrCreateSealedFile(saltFile, passphrase, () => randomBytes(SALT_KEY_BYTES));
  return {
    sealer: { iss, signer: signerOf(custody, key.kid), salt: salter(salt.content) },
    keySet: Buffer.from(JSON.stringify({ keys: [publishedKey(key, iss)] })),
    created: key.created,
    epochs: [
      ['sealing-key', key.kid],
      ['sealing-salt', sha256Base64url(Buffer.from('khidi salt key fingerprint\0'), salt.content)],
    ],
    made: [...(made ? [`the sealing key ${key.kid}`] : []), ...(salt.created ? [saltFile] : [])],
  };
}
