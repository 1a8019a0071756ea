import { createPublicKey } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { generatePrivateKey, type KeyDescription, type Kid, kidOf, publicJwkOf, verifyRaw } from '#envelope';
import { createSealedFile, Secret } from '#settings';
import { keyFor } from '../key-for.js';
import { FileCustody } from './file-custody.js';
import { readKeyFile, writeKeyFile } from './key-file.js';

const passphrase = new Secret('a passphrase for tests');
const NOW = new Date('2099-03-01T10:00:00Z');
const bytes = Buffer.from('to be signed');
let root: string;
let custody: FileCustody;
let sealing: KeyDescription;
let log: KeyDescription;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'khidi-custody-'));
  custody = new FileCustody(join(root, 'keys'), passphrase);
  sealing = (await keyFor(custody, 'sealing', 'ES256', NOW)).key;
  log = (await keyFor(custody, 'log', 'Ed25519', NOW)).key;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const holds = (key: KeyDescription, signature: Uint8Array, message = bytes) =>
  verifyRaw(key.alg, createPublicKey({ key: { ...key.jwk }, format: 'jwk' }), message, signature);

describe('when keys live in sealed files', () => {
  it('signs with each key by its own algorithm, also after it was opened again', () => {
    const again = new FileCustody(join(root, 'keys'), passphrase);
    for (const key of [sealing, log]) {
      expect(custody.sign(key.kid, bytes)).toHaveLength(64);
      expect([holds(key, custody.sign(key.kid, bytes)), holds(key, again.sign(key.kid, bytes))]).toEqual([true, true]);
    }
  });

  it('signs many in another thread, in their order, and again after it was closed', async () => {
    const messages = Array.from({ length: 40 }, (_, i) => Buffer.from(`to be signed ${i}`));
    for (const key of [sealing, log, sealing]) {
      const signatures = await custody.signMany(key.kid, messages);
      expect(signatures.map((signature, i) => holds(key, signature, messages[i]))).toEqual(messages.map(() => true));
      expect(await custody.signMany(key.kid, messages.slice(0, 1))).toHaveLength(1);
      await custody.close();
    }
  });

  it('has one key for each purpose until another one is made', async () => {
    expect(await keyFor(custody, 'log', 'Ed25519', NOW)).toEqual({ key: log, made: false });
    expect(await custody.keys('receipts')).toEqual([]);
  });

  it('keeps them in files that only their owner can read, with nothing of the key in clear', () => {
    for (const name of readdirSync(join(root, 'keys'))) {
      expect(readFileSync(join(root, 'keys', name), 'utf8')).not.toMatch(/"d"|kty/);
    }
    expect(readdirSync(join(root, 'keys')).sort()).toEqual([`log-key-${log.kid}.json`, `sealing-key-${sealing.kid}.json`]);
  });

  it('knows the one key of the first release, whose file says no purpose', async () => {
    const folder = join(root, 'first-release');
    const privateKey = generatePrivateKey('ES256');
    const kid = kidOf(publicJwkOf(privateKey));
    const content = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, created: NOW.toISOString() });
    createSealedFile(join(folder, 'sealing-key.json'), Buffer.from(content), passphrase);
    const old = new FileCustody(folder, passphrase);
    expect((await old.keys('sealing')).map((key) => key.kid)).toEqual([kid]);
    expect(new FileCustody(folder, passphrase).sign(kid, bytes)).toHaveLength(64);
  });
});

describe('when something is wrong with a key file', () => {
  const code = (run: () => unknown) => {
    try {
      run();
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  const fresh = () => new FileCustody(join(root, 'keys'), passphrase);

  it('refuses one that others than its owner can read with KEY_FILE_EXPOSED', () => {
    const file = join(root, 'keys', `sealing-key-${sealing.kid}.json`);
    chmodSync(file, 0o640);
    expect(code(() => fresh().sign(sealing.kid, bytes))).toBe('KEY_FILE_EXPOSED');
    chmodSync(file, 0o600);
  });

  it('refuses another passphrase with KEY_FILE_UNREADABLE', () => {
    expect(code(() => new FileCustody(join(root, 'keys'), new Secret('another')).sign(log.kid, bytes))).toBe(
      'KEY_FILE_UNREADABLE',
    );
  });

  it('refuses a key that it does not have with KEY_ABSENT', () => {
    expect(code(() => fresh().sign('A'.repeat(43) as Kid, bytes))).toBe('KEY_ABSENT');
  });

  it.each([
    ['is no JSON', 'key'],
    ['holds a public key only', JSON.stringify(publicJwkOf(generatePrivateKey('ES256')))],
    ['names another id', 'other id'],
    ['has no date', 'no date'],
    ['is for another purpose', 'other purpose'],
  ])('refuses content that %s with KEY_UNPROVEN', (_, text) => {
    const privateKey = generatePrivateKey('ES256');
    const jwk = publicJwkOf(privateKey);
    const kid = kidOf(jwk);
    const whole = writeKeyFile({ kid, alg: 'ES256', purpose: 'sealing', created: NOW, jwk, privateKey }).toString();
    const wrong =
      { 'other id': whole.replace(kid, 'A'.repeat(43)), 'no date': whole.replace('"created"', '"made"') }[text] ??
      (text === 'other purpose' ? whole.replace('"sealing"', '"log"') : text);
    expect(code(() => readKeyFile(Buffer.from(wrong), 'sealing'))).toBe('KEY_UNPROVEN');
    expect(readKeyFile(Buffer.from(whole), 'sealing')).toMatchObject({ kid, purpose: 'sealing' });
  });
});

describe('when a log key is of the first release', () => {
  it('is the same key as before, and no sealing key', async () => {
    const folder = join(root, 'first-release');
    const key = generatePrivateKey('Ed25519');
    const content = () => key.export({ type: 'pkcs8', format: 'der' });
    createSealedFile(join(folder, 'log-key.json'), content(), passphrase);
    const { key: found, made } = await keyFor(new FileCustody(folder, passphrase), 'log', 'Ed25519', NOW);
    expect(made).toBe(false);
    expect(found.jwk).toEqual(publicJwkOf(key));
    expect(() => readKeyFile(content(), 'sealing')).toThrow(expect.objectContaining({ code: 'KEY_UNPROVEN' }));
    const other = generatePrivateKey('ES256').export({ type: 'pkcs8', format: 'der' });
    expect(() => readKeyFile(other, 'log')).toThrow(expect.objectContaining({ code: 'KEY_UNPROVEN' }));
  });
});

describe('when a key is looked at', () => {
  it('shows nothing private in inspection, JSON or errors, and clears what it read', () => {
    const privateKey = generatePrivateKey('ES256');
    const { d = '' } = privateKey.export({ format: 'jwk' });
    const jwk = publicJwkOf(privateKey);
    const held = { kid: kidOf(jwk), alg: 'ES256', purpose: 'sealing', created: NOW, jwk, privateKey } as const;
    const content = writeKeyFile(held);
    const read = readKeyFile(content, 'sealing');
    const secrets = [d, Buffer.from(d, 'base64url').toString('hex'), passphrase.reveal()];
    const seen = [
      inspect(read, { depth: 9, showHidden: true }),
      JSON.stringify(read),
      inspect(custody, { depth: 9, showHidden: true }),
      JSON.stringify(custody),
    ].join('\n');
    for (const secret of secrets) expect(seen).not.toContain(secret);
    expect(content.every((byte) => byte === 0)).toBe(true);
  });
});
