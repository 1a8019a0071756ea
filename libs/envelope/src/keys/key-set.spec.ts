import { generateKeyPairSync } from 'node:crypto';
import type { FaultError } from '#faults';
import { testIssuer } from '#testkit';
import { readKeySet } from './key-set.js';
import { thumbprint } from './thumbprint.js';

const { published, key } = testIssuer();
const code = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as FaultError).code;
  }
};

describe('when a key set is read', () => {
  it('keeps each key with owner and times', () => {
    const read = readKeySet({
      keys: [{ ...published, exp: 5_000_000_000, revoked: { revoked_at: 4_900_000_000, reason: 'lost' } }],
    });
    expect(read.get(published.kid)).toMatchObject({
      iss: 'GE/GOV/0001',
      nbf: published.nbf,
      exp: 5_000_000_000,
      revokedAt: 4_900_000_000,
      alg: 'ES256',
      use: 'sig',
    });
  });

  it('takes a revocation without a time as one from the beginning', () => {
    expect(readKeySet({ keys: [{ ...published, revoked: {} }] }).get(published.kid)?.revokedAt).toBe(0);
  });

  it('leaves out types that it does not know, and keeps those that it knows but cannot use', () => {
    const rsa = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const other = { ...rsa, kid: thumbprint({ ...rsa }), use: 'sig', alg: 'EdDSA' };
    const read = readKeySet({ keys: [{ kty: 'XYZ', kid: 'whatever' }, other] });
    expect([...read.values()].map(({ kty, publicKey }) => [kty, publicKey])).toEqual([['OKP', undefined]]);
  });

  it('keeps a key whose point is not on the curve without its point', () => {
    const off = { ...published, y: published.x };
    const read = readKeySet({ keys: [{ ...off, kid: thumbprint(off) }] });
    expect([...read.values()].map(({ publicKey }) => publicKey)).toEqual([undefined]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', [published]],
    ['a set without keys', {}],
    ['a key that is no object', { keys: ['key'] }],
    ['a repeated key', { keys: [published, published] }],
    ['an id that is not the thumbprint', { keys: [{ ...published, kid: 'A'.repeat(43) }] }],
    ['no id', { keys: [{ ...published, kid: undefined }] }],
    ['a private key', { keys: [{ ...published, ...key.privateKey.export({ format: 'jwk' }) }] }],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'AAAA' }] }],
    ['an owner that is no member', { keys: [{ ...published, iss: 'somebody' }] }],
    ['an owner that is no text', { keys: [{ ...published, iss: ['GE/GOV/0001', 'GE/GOV/0002'] }] }],
    ['a time in words', { keys: [{ ...published, exp: 'tomorrow' }] }],
    ['a revocation in words', { keys: [{ ...published, revoked: 'yes' }] }],
    ['an algorithm that is no text', { keys: [{ ...published, alg: ['ES256'] }] }],
    ['key_ops that are no list', { keys: [{ ...published, key_ops: 'verify' }] }],
    ['too many keys', { keys: Array.from({ length: 1001 }, () => published) }],
  ])('refuses %s with KEY_SET_INVALID', (_, jwks) => {
    expect(code(() => readKeySet(jwks))).toBe('KEY_SET_INVALID');
  });
});

describe('when a thumbprint is taken', () => {
  it('is the one of RFC 7638 section 3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64t' +
      'Z_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO' +
      'pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect(thumbprint({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256' })).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  it('needs a known type and all its members', () => {
    expect([thumbprint({ kty: 'constructor' }), thumbprint({ kty: 'EC', x: 'A' }), thumbprint({})]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
