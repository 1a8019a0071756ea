import { ed25519Signer, type NoteSigner, newEd25519Key } from '#evidence';
import { openOrCreateSealedFile, type Secret } from '#settings';

/** A key that signs checkpoints, and whether its file was made just now. */
export interface OpenedLogKey {
  readonly signer: NoteSigner;
  readonly created: boolean;
}

/**
 * Opens the log's Ed25519 key in its sealed file, or makes it at the first start. Throws KEY_FILE_EXPOSED, KEY_FILE_UNREADABLE, and
 * KEY_UNPROVEN for a file that holds something else.
 */
export function openLogKey(file: string, passphrase: Secret, origin: string): OpenedLogKey {
  const { content, created } = openOrCreateSealedFile(file, passphrase, newEd25519Key);
  return { signer: ed25519Signer(origin, 'note', content), created };
}
