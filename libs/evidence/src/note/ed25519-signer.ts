import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { FaultError } from '#faults';
import { type NoteSigner, noteKey, type SignatureType } from './note-key.js';

/** A new private key (PKCS #8, DER): for a sealed file, never for anything else. */
export function newEd25519Key(): Buffer {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' });
}

/** Signs notes with a key that {@link newEd25519Key} made. Throws KEY_UNPROVEN where the bytes are something else. */
export function ed25519Signer(name: string, type: SignatureType, pkcs8: Buffer): NoteSigner {
  const privateKey = readPrivateKey(pkcs8);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const key = noteKey(name, type, Buffer.from(x, 'base64url'));
  return { key, sign: async (message) => sign(null, message, privateKey) };
}

function readPrivateKey(pkcs8: Buffer): KeyObject {
  try {
    const key = createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // the reason might quote the key
  }
  throw new FaultError('KEY_UNPROVEN', 'this is no Ed25519 key');
}
