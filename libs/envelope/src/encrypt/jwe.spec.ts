import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { tampered } from '#testkit';
import { kidOf, publicJwkOf } from '../keys/algorithms.js';
import { decryptionKeys, encryptionKeyIn } from './encryption-key.js';
import { contentKeyOf, decrypt, decryptWith, type EncryptionKey, encrypt, isEncrypted, type JweProfile } from './jwe.js';

const PROFILE: JweProfile = { typ: 'khidi-test+jwe', contents: [], maxBytes: 4096 };
const CONTENT = Buffer.from([0, 255, 10, 13, 200]);

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key: EncryptionKey = { kid: kidOf(publicJwkOf(publicKey)), publicKey };
const keys = decryptionKeys([privateKey]);

const header = (bytes: Buffer) => JSON.parse(Buffer.from(String(bytes).split('.')[0] ?? '', 'base64url').toString()) as object;
/** The message with another header: whatever it says, the tag fails at the latest. */
const withHeader = (bytes: Buffer, change: object | string): Buffer => {
  const text = typeof change === 'string' ? change : JSON.stringify({ ...header(bytes), ...change });
  return Buffer.from([Buffer.from(text).toString('base64url'), ...String(bytes).split('.').slice(1)].join('.'));
};
const verdict = (bytes: Buffer, profile = PROFILE) => {
  const read = decrypt(bytes, profile, keys);
  return read.ok ? 'opened' : [read.code, read.pointer];
};

describe('when bytes are encrypted to a key', () => {
  it('gives them back byte for byte, and never the same message twice', () => {
    const [one, two] = [encrypt(CONTENT, PROFILE, key), encrypt(CONTENT, PROFILE, key)];
    expect([decrypt(one, PROFILE, keys), isEncrypted(one)]).toEqual([{ ok: true, content: CONTENT, cty: undefined }, true]);
    expect(one.equals(two)).toBe(false);
  });

  it('is opened by jose, and opens what jose encrypts', async () => {
    const theirs = await compactDecrypt(encrypt(CONTENT, PROFILE, key), privateKey);
    expect(Buffer.from(theirs.plaintext)).toEqual(CONTENT);
    const made = await new CompactEncrypt(CONTENT)
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid, typ: PROFILE.typ })
      .encrypt(publicKey);
    expect(decrypt(Buffer.from(made), PROFILE, keys)).toEqual({ ok: true, content: CONTENT, cty: undefined });
  });

  it('gives the key of the one message away, which opens it and no other', () => {
    const [one, other] = [encrypt(CONTENT, PROFILE, key), encrypt(CONTENT, PROFILE, key)];
    const contentKey = contentKeyOf(one, PROFILE, keys) ?? Buffer.alloc(0);
    expect(decryptWith(one, PROFILE, contentKey)).toMatchObject({ ok: true, content: CONTENT });
    expect(decryptWith(other, PROFILE, contentKey)).toEqual({ ok: false, code: 'ENCRYPTED_CONTENT' });
    expect(contentKeyOf(one, PROFILE, new Map())).toBeUndefined();
  });
});

describe('when the message is not as it should be', () => {
  const good = encrypt(CONTENT, PROFILE, key);
  const parts = String(good).split('.');
  const put = (at: number, part: string) => Buffer.from(parts.map((one, i) => (i === at ? part : one)).join('.'));
  const flipped = (part = ''): string => tampered(part, 0);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
  const offCurve = { ...publicJwkOf(publicKey), y: Buffer.alloc(32, 1).toString('base64url') };

  it.each<[string, Buffer, readonly [string, string | undefined]]>([
    ['nothing', Buffer.alloc(0), ['ENCRYPTED_SIZE', undefined]],
    ['more than its kind may have', Buffer.alloc(5000, 65), ['ENCRYPTED_SIZE', undefined]],
    ['a line feed behind it', Buffer.concat([good, Buffer.from('\n')]), ['ENCRYPTED_GRAMMAR', undefined]],
    ['an encrypted key', put(1, 'AAAA'), ['ENCRYPTED_GRAMMAR', undefined]],
    ['a short tag', put(4, 'AAAA'), ['ENCRYPTED_GRAMMAR', undefined]],
    ['spare bits in the tag', put(4, `${'A'.repeat(21)}B`), ['ENCRYPTED_GRAMMAR', undefined]],
    ['a signature', Buffer.from('e30.e30.AAAA'), ['ENCRYPTED_GRAMMAR', undefined]],
    ['a member twice', withHeader(good, '{"alg":"ECDH-ES","alg":"ECDH-ES"}'), ['ENCRYPTED_HEADER', undefined]],
    ['a member of its own', withHeader(good, { crit: ['b64'] }), ['ENCRYPTED_HEADER', '/*']],
    ['compression', withHeader(good, { zip: 'DEF' }), ['ENCRYPTED_HEADER', '/*']],
    ['a party in the key', withHeader(good, { apu: 'QQ' }), ['ENCRYPTED_HEADER', '/*']],
    ['a wrapped key', withHeader(good, { alg: 'ECDH-ES+A256KW' }), ['ENCRYPTED_HEADER', '/alg']],
    ['another cipher', withHeader(good, { enc: 'A128GCM' }), ['ENCRYPTED_HEADER', '/enc']],
    ['another type', withHeader(good, { typ: 'JWT' }), ['ENCRYPTED_HEADER', '/typ']],
    ['a content type', withHeader(good, { cty: 'JWT' }), ['ENCRYPTED_HEADER', '/cty']],
    ['no thumbprint', withHeader(good, { kid: 'x' }), ['ENCRYPTED_HEADER', '/kid']],
    ['a key of another curve', withHeader(good, { epk: other }), ['ENCRYPTED_HEADER', '/epk']],
    ['a point off the curve', withHeader(good, { epk: offCurve }), ['ENCRYPTED_HEADER', '/epk']],
    [
      'a private key in the header',
      withHeader(good, { epk: privateKey.export({ format: 'jwk' }) }),
      ['ENCRYPTED_HEADER', '/epk'],
    ],
    ['another recipient', withHeader(good, { kid: 'A'.repeat(43) }), ['ENCRYPTED_KEY_UNKNOWN', '/kid']],
    ['another content', put(3, flipped(parts[3])), ['ENCRYPTED_CONTENT', undefined]],
    ['another vector', put(2, flipped(parts[2])), ['ENCRYPTED_CONTENT', undefined]],
    ['another ephemeral key', withHeader(good, { epk: publicJwkOf(publicKey) }), ['ENCRYPTED_CONTENT', undefined]],
  ])('refuses %s', (_, bytes, expected) => {
    expect(verdict(bytes)).toEqual(expected);
  });

  it('refuses the same header written otherwise: its bytes are what was protected', () => {
    const rewritten = JSON.stringify(Object.fromEntries(Object.entries(header(good)).reverse()));
    expect(verdict(withHeader(good, rewritten))).toEqual(['ENCRYPTED_CONTENT', undefined]);
  });
});

describe('when the key of a consumer is looked for', () => {
  const NOW = new Date('2099-03-01T10:00:00Z');
  const seconds = NOW.getTime() / 1000;
  const made = (nbf: number, more: object = {}) => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicJwkOf(pair.publicKey);
    return { ...jwk, kid: kidOf(jwk), alg: 'ECDH-ES', use: 'enc', iss: 'GE/GOV/7002', nbf, ...more };
  };

  it('is the newest that has begun and was not revoked', () => {
    const [old, current] = [made(seconds - 100), made(seconds - 10)];
    const others = [
      made(seconds + 10),
      made(seconds - 1, { revoked: { revoked_at: seconds } }),
      made(seconds - 1, { alg: 'ES256', use: 'sig' }),
    ];
    expect(encryptionKeyIn({ keys: [...others, old, current] }, NOW)?.kid).toBe(current.kid);
    expect(encryptionKeyIn({ keys: others }, NOW)).toBeUndefined();
  });

  it('takes private keys of P-256 only', () => {
    const kinds: readonly KeyObject[] = [createPublicKey(privateKey), generateKeyPairSync('ed25519').privateKey];
    for (const kind of kinds) expect(() => decryptionKeys([kind])).toThrow('KEY_UNPROVEN');
  });
});
