import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { MemberId } from '#record';
import { jtiOf, saltedDigest, salter } from './identity.js';

const iss = 'GE/GOV/0001' as MemberId;
const jti = jtiOf('/GE/GOV/7001/base-registry', 'event-1');

describe('when an exchange is identified', () => {
  it('derives jti from source and id alone', () => {
    const expected = createHash('sha256').update('khidi-jti\0/GE/GOV/7001/base-registry\0event-1').digest('base64url');
    expect(jti).toBe(expected);
    expect(jtiOf('/GE/GOV/7001/base-registry', 'event-2')).not.toBe(expected);
  });

  it('salts it with half of an HMAC over issuer and jti', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.stringMatching(/^[A-Z]{1,16}\/GOV\/[0-9]{1,32}$/),
        (key, member) => {
          const hmac = createHmac('sha256', key).update(`${member}\0${jti}`).digest();
          expect(salter(key)(member as MemberId, jti)).toEqual(hmac.subarray(0, 16));
        },
      ),
    );
  });

  it('keeps salts apart when one follows another', () => {
    const salt = salter(Buffer.alloc(32, 1));
    const first = salt(iss, jti);
    const copy = Buffer.from(first);
    salt('GE/GOV/000100000000' as MemberId, jti);
    expect([first, salt(iss, jti)]).toEqual([copy, copy]);
  });

  it('refuses a salt key of another length', () => {
    expect(() => salter(Buffer.alloc(16))).toThrow(expect.objectContaining({ code: 'KEY_UNPROVEN' }));
  });

  it('digests salt before bytes', () => {
    const expected = createHash('sha256').update('saltbytes').digest('base64url');
    expect(saltedDigest(Buffer.from('salt'), Buffer.from('bytes'))).toBe(`sha-256:${expected}`);
  });
});
