import { contentKeyOf, type DecryptionKeys, decrypt, decryptionKeys, kidOf, publicJwkOf } from '#envelope';
import { faultSentence } from '#faults';
import { deadLetterKeyFile } from '#settings';
import { DEAD_LETTER_BODY } from '#stream';
import { passphraseOf } from './directory.js';
import { CliError, EXIT } from './exit.js';
import { requireInstance, type Where } from './local.js';
import { makePrivateKey, privateKeyIn } from './private-key.js';

/** The operators' private key: in the file that is named, or that of the local instance. Ends the command where it does not open. */
export async function operatorsKeys(flags: Where & { readonly privateKey?: string }): Promise<DecryptionKeys> {
  const file = flags.privateKey ?? deadLetterKeyFile(requireInstance(flags).secretsFolder);
  return decryptionKeys([await privateKeyIn(file, passphraseOf(flags))]);
}

/** The public part of the operators' key as services read it (RFC 7517). The key is made where there is no such file. */
export async function publicKeySet(
  flags: Where & { readonly privateKey: string },
): Promise<{ readonly keys: readonly object[] }> {
  const passphrase = passphraseOf(flags);
  const key = (await makePrivateKey(flags.privateKey, passphrase)) ?? (await privateKeyIn(flags.privateKey, passphrase));
  const jwk = publicJwkOf(key);
  return { keys: [{ ...jwk, kid: kidOf(jwk), alg: 'ECDH-ES', use: 'enc' }] };
}

/** What is inside the encrypted body of a dead letter. Ends the command where the keys do not open it. */
export function openBody(body: Buffer, keys: DecryptionKeys): Buffer {
  const opened = decrypt(body, DEAD_LETTER_BODY, keys);
  if (!opened.ok) throw new CliError(EXIT.no, faultSentence(opened.code));
  return opened.content;
}

/** The key of this one message in base64url, taken out of it here, so that the private key stays here. */
export function messageKey(body: Buffer, keys: DecryptionKeys): string {
  openBody(body, keys);
  return contentKeyOf(body, DEAD_LETTER_BODY, keys)?.toString('base64url') ?? '';
}
