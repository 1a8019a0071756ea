import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tampered } from '#testkit';
import { createSealedFile, openOrCreateSealedFile, openSealedFile } from './sealed-file.js';
import { Secret } from './secret.js';

const passphrase = new Secret('correct horse battery staple');
const content = Buffer.from('the content of a key file');
let root: string;
let path: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'khidi-sealed-'));
  path = join(root, 'keys', 'salt.json');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function mode(of: string): string {
  return (statSync(of).mode & 0o777).toString(8);
}
function alter(change: (file: { kdf: { N: number }; cipher: { tag: string }; content: string }) => void): void {
  const file = JSON.parse(readFileSync(path, 'utf8'));
  change(file);
  writeFileSync(path, JSON.stringify(file));
}

describe('when a sealed file is made', () => {
  it('gives its content back to the same passphrase only', () => {
    createSealedFile(path, content, passphrase);
    expect(openSealedFile(path, passphrase)).toEqual(content);
    expect(() => openSealedFile(path, new Secret('another'))).toThrow(expect.objectContaining({ code: 'KEY_FILE_UNREADABLE' }));
  });

  it('is readable by its owner only, alone in its folder, and does not show its content', () => {
    createSealedFile(path, content, passphrase);
    expect([mode(path), mode(join(root, 'keys'))]).toEqual(['600', '700']);
    expect(readdirSync(join(root, 'keys'))).toEqual(['salt.json']);
    expect(readFileSync(path, 'utf8')).not.toContain(content.toString('base64url').slice(0, 12));
  });

  it('never replaces one that exists', () => {
    createSealedFile(path, content, passphrase);
    expect(() => createSealedFile(path, Buffer.from('other'), passphrase)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(openSealedFile(path, passphrase)).toEqual(content);
    expect(readdirSync(join(root, 'keys'))).toEqual(['salt.json']);
  });

  it('is refused in a folder that others can enter', () => {
    mkdirSync(join(root, 'keys'));
    chmodSync(join(root, 'keys'), 0o755);
    expect(() => createSealedFile(path, content, passphrase)).toThrow(expect.objectContaining({ code: 'KEY_FILE_EXPOSED' }));
  });
});

describe('when a sealed file is opened', () => {
  const once = mkdtempSync(join(tmpdir(), 'khidi-sealed-'));
  beforeAll(() => {
    chmodSync(once, 0o700);
    createSealedFile(join(once, 'salt.json'), content, passphrase); // deriving a key is slow on purpose: one file serves all
  });
  beforeEach(() => {
    mkdirSync(join(root, 'keys'), { mode: 0o700 });
    copyFileSync(join(once, 'salt.json'), path);
  });
  afterAll(() => rmSync(once, { recursive: true, force: true }));

  it.each([0o640, 0o604, 0o620])('refuses mode %o with KEY_FILE_EXPOSED', (exposed) => {
    chmodSync(path, exposed);
    expect(() => openSealedFile(path, passphrase)).toThrow(expect.objectContaining({ code: 'KEY_FILE_EXPOSED' }));
  });

  it.each<[string, () => void]>([
    ['missing', () => rmSync(path)],
    ['empty', () => writeFileSync(path, '')],
    ['cut short', () => writeFileSync(path, readFileSync(path).subarray(0, 80))],
    ['of another version', () => writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2'))],
    ['altered in its content', () => alter((file) => (file.content = tampered(file.content, 0)))],
    ['weakened in its parameters', () => alter((file) => (file.kdf.N = 1024))],
    ['altered in its parameters', () => alter((file) => (file.kdf.N = 2 ** 15))],
    ['given a short tag', () => alter((file) => (file.cipher.tag = file.cipher.tag.slice(0, 6)))],
  ])('refuses one that is %s with KEY_FILE_UNREADABLE', (_, damage) => {
    damage();
    expect(() => openSealedFile(path, passphrase)).toThrow(expect.objectContaining({ code: 'KEY_FILE_UNREADABLE' }));
  });

  it('names the path but neither passphrase nor content in its errors', () => {
    let message = '';
    try {
      openSealedFile(path, new Secret('hunter2-hunter2'));
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(path);
    expect(message).not.toMatch(/hunter2|the content/);
  });
});

describe('when a sealed file is opened or made', () => {
  it('makes it once and opens it from then on', () => {
    const made = openOrCreateSealedFile(path, passphrase, () => Buffer.from('first'));
    const opened = openOrCreateSealedFile(path, passphrase, () => Buffer.from('second'));
    expect(made).toEqual({ content: Buffer.from('first'), created: true });
    expect(opened).toEqual({ content: Buffer.from('first'), created: false });
  });

  it('gives the first of two that are made at once to both', () => {
    const late = openOrCreateSealedFile(path, passphrase, () => {
      createSealedFile(path, Buffer.from('first'), passphrase); // the other process is faster
      return Buffer.from('second');
    });
    expect(late).toEqual({ content: Buffer.from('first'), created: false });
  });
});
