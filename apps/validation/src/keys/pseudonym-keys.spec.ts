import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registry } from '#record';
import { Secret } from '#settings';
import { openPseudonymKeys, pseudonymKeys } from './pseudonym-keys.js';

const population = 'population' as Registry;

describe('pseudonym keys', () => {
  it('give an identifier other pseudonyms in other registries, and none that is the content hash', () => {
    const keys = pseudonymKeys(Buffer.alloc(32, 1));
    const all = [keys.of(population)('P-1'), keys.of('business' as Registry)('P-1'), keys.content('P-1'), keys.fingerprint];
    expect(new Set(all).size).toBe(4);
    expect(all.every((one) => /^[A-Za-z0-9_-]{43}$/.test(one))).toBe(true);
  });

  it('are the same for the same master key, and others for another', () => {
    const pseudonym = (fill: number) => pseudonymKeys(Buffer.alloc(32, fill)).of(population)('P-1');
    expect(pseudonym(1)).toBe(pseudonym(1));
    expect(pseudonym(1)).not.toBe(pseudonym(2));
  });

  it('refuse a master key of another length', () => {
    expect(() => pseudonymKeys(Buffer.alloc(16))).toThrow(expect.objectContaining({ code: 'KEY_FILE_UNREADABLE' }));
  });

  it('are made at the first start, kept encrypted, and the same at the next', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'khidi-keys-')), 'keys');
    try {
      const first = openPseudonymKeys(folder, new Secret('a passphrase'));
      const second = openPseudonymKeys(folder, new Secret('a passphrase'));
      expect([first.created, second.created]).toEqual([true, false]);
      expect(second.keys.fingerprint).toBe(first.keys.fingerprint);
      expect(readFileSync(join(folder, 'pseudonym-key.json'), 'utf8')).not.toContain(first.keys.fingerprint);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
