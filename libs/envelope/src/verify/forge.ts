import type { JsonValue } from '#canonical';
import { signEs256 } from '../es256.js';
import type { SealingKey } from '../keys/sealing-key.js';

/** For specs: signs whatever it is told to, so that each check of the verifier can be met by a statement with a good signature. */
export function forge(header: JsonValue | string, claims: JsonValue | string, key: SealingKey): Buffer {
  const segment = (value: JsonValue | string) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const signed = `${segment(header)}.${segment(claims)}`;
  return Buffer.from(`${signed}.${signEs256(key.privateKey, Buffer.from(signed)).toString('base64url')}`);
}
