import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Missing } from '../local/missing.js';

/** The names of the files that make a folder provable: `sha256sum -c SHA256SUMS`, and the signature over it. */
export const SUMS = 'SHA256SUMS';
export const SIGNATURE = 'SHA256SUMS.sig';

/**
 * Writes the digest of every file of a folder, in the form of `sha256sum`, and an Ed25519 signature over that list (64 raw bytes, as
 * `openssl pkeyutl -rawin` reads them). Gives the public key in PEM. Throws {@link Missing} where the key is no Ed25519 key.
 */
export async function sumAndSign(folder: string, keyFile: string): Promise<string> {
  const key = readKey(keyFile);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const lines: string[] = [];
  for (const file of files) lines.push(`${await digestOf(join(folder, file))}  ${file}\n`);
  const list = Buffer.from(lines.join(''));
  writeFileSync(join(folder, SUMS), list);
  writeFileSync(join(folder, SIGNATURE), sign(null, list, key));
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

function readKey(file: string) {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // the reason might quote the key
  }
  throw new Missing(`${file} is no Ed25519 private key in PEM (openssl genpkey -algorithm ed25519).`);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('hex');
}
