import type { KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { generatePrivateKey, readPrivateKey } from '#envelope';
import { FaultError } from '#faults';
import type { Secret } from '#settings';
import { CliError, EXIT } from './exit.js';
import { readInput } from './fetch.js';

/** The private key in a PEM file, opened with the passphrase where it is sealed. Ends the command where there is none. */
export async function privateKeyIn(file: string, passphrase: Secret): Promise<KeyObject> {
  try {
    return readPrivateKey(await readInput(file), passphrase.reveal());
  } catch (error) {
    if (error instanceof FaultError) throw new CliError(EXIT.usage, `${file}: ${error.detail}.`);
    throw error;
  }
}

/** Makes a key of P-256 in a new file (PKCS#8, sealed with the passphrase), for its owner's eyes only; an existing file is left alone. */
export async function makePrivateKey(file: string, passphrase: Secret): Promise<KeyObject | undefined> {
  const key = generatePrivateKey('ES256');
  const pem = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: passphrase.reveal() });
  try {
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw new CliError(EXIT.usage, `${file} cannot be written.`);
  }
}
