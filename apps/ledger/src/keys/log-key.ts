import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { type NoteSigner, noteKey } from '#evidence';
import { FaultError } from '#faults';
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
  const make = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' });
  const { content, created } = openOrCreateSealedFile(file, passphrase, make);
  const privateKey = readPrivateKey(content);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const key = noteKey(origin, 'note', Buffer.from(x, 'base64url'));
  const signer: NoteSigner = { key, sign: async (message) => sign(null, message, privateKey) };
  return { signer, created };
}

function readPrivateKey(content: Buffer) {
  try {
    const key = createPrivateKey({ key: content, type: 'pkcs8', format: 'der' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // the reason might quote the key
  }
  throw new FaultError('KEY_UNPROVEN', 'the file does not hold an Ed25519 key');
}
