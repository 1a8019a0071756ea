import { isSha256Digest, sha256, sha256Base64url, sha256Digest } from './digest.js';

/** FIPS 180-4, the example for "abc". */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('a digest', () => {
  it('is SHA-256 of the bytes', () => {
    expect(sha256(Buffer.from('abc')).toString('hex')).toBe(ABC);
    expect(Buffer.from(sha256Base64url(Buffer.from('abc')), 'base64url').toString('hex')).toBe(ABC);
  });

  it('of several parts is that of the parts joined, whether they are small or large', () => {
    expect(sha256(Buffer.from('a'), new Uint8Array(0), Buffer.from('bc')).toString('hex')).toBe(ABC);
    const large = Buffer.alloc(40_000, 7);
    expect(sha256(large.subarray(0, 25_000), large.subarray(25_000))).toEqual(sha256(large));
  });

  it('of no parts is that of nothing', () => {
    expect(sha256Digest()).toBe('sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  });

  it('is recognised by its form', () => {
    expect(isSha256Digest(sha256Digest(Buffer.from('abc')))).toBe(true);
  });

  it.each([
    ['another algorithm', 'sha-512:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
    ['padding', 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU='],
    ['spare bits', 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV'],
    ['a line feed behind it', 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\n'],
  ])('is not recognised with %s', (_name, text) => {
    expect(isSha256Digest(text)).toBe(false);
  });
});
