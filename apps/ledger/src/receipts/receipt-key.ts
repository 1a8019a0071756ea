import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { thumbprint } from '#envelope';
import { FaultError } from '#faults';
import { openOrCreateSealedFile, type Secret } from '#settings';

/** The key that signs receipts and nothing else. */
export interface ReceiptKey {
  readonly kid: string;
  /** The JWK set that verifies its receipts, as it is published. */
  readonly keySet: string;
  sign(bytes: Buffer): Buffer;
}

/** Opens the P-256 key in its sealed file, or makes it. Throws KEY_FILE_EXPOSED, KEY_FILE_UNREADABLE and KEY_UNPROVEN. */
export function openReceiptKey(file: string, passphrase: Secret, iss: string): ReceiptKey {
  const make = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'der' });
  const { content } = openOrCreateSealedFile(file, passphrase, make);
  const key = readKey(content);
  const { kty = '', crv = '', x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  const kid = thumbprint({ kty, crv, x, y });
  if (kid === undefined) throw new FaultError('KEY_UNPROVEN', 'the receipt key is not on P-256');
  return {
    kid,
    keySet: JSON.stringify({ keys: [{ kty, crv, x, y, kid, alg: 'ES256', use: 'sig', iss }] }),
    sign: (bytes) => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
  };
}

function readKey(content: Buffer) {
  try {
    return createPrivateKey({ key: content, type: 'pkcs8', format: 'der' });
  } catch {
    throw new FaultError('KEY_UNPROVEN', 'the file does not hold a receipt key'); // the reason might quote the key
  }
}
