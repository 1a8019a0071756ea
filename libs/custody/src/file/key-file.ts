import { createPrivateKey, type KeyObject } from 'node:crypto';
import { algorithmOf, type KeyDescription, type KeyPurpose, kidOf, publicJwkOf } from '#envelope';
import { FaultError } from '#faults';

/** What PKCS #8 in DER begins with. */
const DER_SEQUENCE = 0x30;

/** A key as this process holds it. Inspection shows that there is a private key, never its bytes. */
export interface HeldKey extends KeyDescription {
  readonly privateKey: KeyObject;
}

/** The bytes to keep in a sealed file: private JWK, key id, purpose and date. */
export function writeKeyFile({ privateKey, kid, purpose, created }: HeldKey): Buffer {
  return Buffer.from(JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, purpose, created: created.toISOString() }));
}

/**
 * Reads what {@link writeKeyFile} wrote; a file of the first release names no purpose and is a sealing key, and its log key is bare
 * PKCS #8 without a date. The bytes are cleared. Throws KEY_UNPROVEN for anything else, and never says what it saw.
 */
export function readKeyFile(bytes: Buffer, expected: KeyPurpose): HeldKey {
  try {
    if (bytes[0] === DER_SEQUENCE && expected === 'log') return firstLogKey(bytes);
    const { kid, created, purpose = 'sealing', ...jwk } = JSON.parse(bytes.toString('utf8')) as Record<string, string>;
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    const alg = algorithmOf(privateKey);
    const at = new Date(created ?? '');
    const publicJwk = publicJwkOf(privateKey);
    const own = kidOf(publicJwk);
    if (alg !== undefined && own === kid && purpose === expected && !Number.isNaN(at.getTime()))
      return { kid: own, alg, purpose: expected, created: at, jwk: publicJwk, privateKey };
  } catch {
    // the message of a parser would quote the key
  } finally {
    bytes.fill(0);
  }
  throw new FaultError('KEY_UNPROVEN', `the key file does not hold a ${expected} key with its own thumbprint`);
}

/** A log keeps its key for ever, so that of the first release is read too. */
function firstLogKey(bytes: Buffer): HeldKey {
  const privateKey = createPrivateKey({ key: bytes, type: 'pkcs8', format: 'der' });
  if (algorithmOf(privateKey) !== 'Ed25519') throw new TypeError('not an Ed25519 key');
  const jwk = publicJwkOf(privateKey);
  return { kid: kidOf(jwk), alg: 'Ed25519', purpose: 'log', created: new Date(0), jwk, privateKey };
}
