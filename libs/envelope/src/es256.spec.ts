import { generateKeyPairSync } from 'node:crypto';
import { lowS, signEs256, verifyEs256 } from './es256.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const statement = Buffer.from('a statement');
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const bytes = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const s = (signature: Buffer) => BigInt(`0x${signature.toString('hex', 32)}`);
const withS = (signature: Buffer, value: bigint) => Buffer.concat([signature.subarray(0, 32), bytes(value)]);

describe('when a statement is signed', () => {
  it('gives the low form of a signature, which says the same as the high one', () => {
    for (let i = 0; i < 64; i++) {
      const signature = signEs256(privateKey, statement);
      const low = lowS(signature);
      expect(s(low)).toBe(s(signature) > N / 2n ? N - s(signature) : s(signature));
      expect(verifyEs256(publicKey, statement, low)).toBe(true);
      expect(verifyEs256(publicKey, statement, withS(low, N - s(low)))).toBe(true);
    }
  });

  it('leaves the middle as it is', () => {
    const half = withS(Buffer.alloc(64, 1), N >> 1n);
    expect(lowS(half)).toEqual(half);
    expect(s(lowS(withS(half, (N >> 1n) + 1n)))).toBe(N >> 1n);
  });
});

describe('when a signature is out of range', () => {
  const signature = signEs256(privateKey, statement);
  const zero = Buffer.alloc(32);
  it.each([
    ['r is zero', Buffer.concat([zero, signature.subarray(32)])],
    ['s is zero', withS(signature, 0n)],
    ['s is n', withS(signature, N)],
    ['s is n more', withS(signature, (2n ** 256n - 1n) & (s(signature) + N))],
    ['it is too short', signature.subarray(1)],
    ['it is too long', Buffer.concat([signature, zero])],
    ['it is in DER', Buffer.from('3006020101020101', 'hex')],
  ])('refuses it because %s', (_, wrong) => {
    expect(verifyEs256(publicKey, statement, wrong)).toBe(false);
  });
});
