import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { FaultError } from '#faults';
import type { Secret } from './secret.js';

/** scrypt with 64 MiB and about a tenth of a second: dear enough for guessing, cheap enough for a start. */
const COST = { N: 2 ** 16, r: 8, p: 1 } as const;
/** Parameters that a file may name. The upper bound keeps a forged file from eating the memory. */
const MIN_COST = 2 ** 15;
const MAX_COST = 2 ** 20;
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

const sealedFile = z.strictObject({
  khidi: z.literal('sealed-file'),
  version: z.literal(1),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.int().min(MIN_COST).max(MAX_COST),
    r: z.int().min(8).max(32),
    p: z.int().min(1).max(16),
    salt: base64url,
  }),
  cipher: z.strictObject({ name: z.literal('aes-256-gcm'), iv: base64url, tag: base64url }),
  content: base64url,
});
type SealedFile = z.infer<typeof sealedFile>;

/**
 * Writes `content` encrypted under the passphrase (scrypt, AES-256-GCM) to a new file of mode 0600 in a folder of mode 0700,
 * made if missing. The file appears whole or not at all, and one that exists is never replaced: then EEXIST is thrown.
 * Throws KEY_FILE_EXPOSED where the folder is open to others.
 */
export function createSealedFile(path: string, content: Buffer, passphrase: Secret): void {
  privateFolder(dirname(path));
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeDurably(draft, JSON.stringify(seal(content, passphrase)));
    linkSync(draft, path); // unlike rename, link fails where the name is taken: two first starts cannot overwrite each other
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(dirname(path));
}

/**
 * The content of a sealed file. Throws KEY_FILE_EXPOSED where others than the owner can reach the file, and
 * KEY_FILE_UNREADABLE where it is missing, damaged, altered, or sealed with another passphrase.
 */
export function openSealedFile(path: string, passphrase: Secret): Buffer {
  let text: string;
  try {
    refuseExposed(path);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw error instanceof FaultError ? error : unreadable(path, 'it cannot be read');
  }
  const file = readSealedFile(text);
  if (file === undefined) throw unreadable(path, 'it is not a sealed file of version 1');
  const content = open(file, passphrase);
  if (content === undefined) throw unreadable(path, 'the passphrase does not open it, or it was altered');
  return content;
}

/** Opens the file, or makes it from `make()` where there is none. When two processes make it at once, both get the first. */
export function openOrCreateSealedFile(
  path: string,
  passphrase: Secret,
  make: () => Buffer,
): { readonly content: Buffer; readonly created: boolean } {
  if (exists(path)) return { content: openSealedFile(path, passphrase), created: false };
  const content = make();
  try {
    createSealedFile(path, content, passphrase);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return { content: openSealedFile(path, passphrase), created: false };
  }
  return { content, created: true };
}

function seal(content: Buffer, passphrase: Secret): SealedFile {
  const kdf = { name: 'scrypt', ...COST, salt: randomBytes(16).toString('base64url') } as const;
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', derive(passphrase, kdf), iv);
  cipher.setAAD(associated(kdf));
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return {
    khidi: 'sealed-file',
    version: 1,
    kdf,
    cipher: { name: 'aes-256-gcm', iv: iv.toString('base64url'), tag: cipher.getAuthTag().toString('base64url') },
    content: sealed.toString('base64url'),
  };
}

function open(file: SealedFile, passphrase: Secret): Buffer | undefined {
  const tag = Buffer.from(file.cipher.tag, 'base64url');
  const iv = Buffer.from(file.cipher.iv, 'base64url');
  if (tag.length !== 16 || iv.length !== 12) return undefined; // GCM would accept a shorter, guessable tag
  const decipher = createDecipheriv('aes-256-gcm', derive(passphrase, file.kdf), iv, { authTagLength: 16 });
  decipher.setAAD(associated(file.kdf));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(Buffer.from(file.content, 'base64url')), decipher.final()]);
  } catch {
    return undefined; // GCM says no more than that key and bytes do not belong together
  }
}

function derive(passphrase: Secret, { N, r, p, salt }: SealedFile['kdf']): Buffer {
  const maxmem = 256 * N * r; // Node's default of 32 MiB is below what N = 2^15 needs
  return scryptSync(passphrase.reveal().normalize('NFC'), Buffer.from(salt, 'base64url'), 32, { N, r, p, maxmem });
}

/** Binds the parameters to the content, so that a weaker set cannot be written into a file unseen. */
function associated({ name, N, r, p, salt }: SealedFile['kdf']): Buffer {
  return Buffer.from(JSON.stringify(['khidi sealed-file 1', name, N, r, p, salt]));
}

function readSealedFile(text: string): SealedFile | undefined {
  try {
    return sealedFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON; the parser's message would quote the file
  }
}

function privateFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700); // whatever the umask says
  refuseExposed(folder);
}

function refuseExposed(path: string): void {
  if ((statSync(path).mode & 0o077) !== 0) throw new FaultError('KEY_FILE_EXPOSED', path);
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the new name itself survive a power cut. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

const unreadable = (path: string, why: string) => new FaultError('KEY_FILE_UNREADABLE', `${path}: ${why}`);
const codeOf = (error: unknown) => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);
