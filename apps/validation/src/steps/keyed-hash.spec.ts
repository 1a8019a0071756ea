import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { keyedHash } from './keyed-hash.js';

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));
const reference = (...parts: (string | Uint8Array)[]) => {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('base64url');
};

describe('the keyed hash', () => {
  it('is HMAC-SHA-256 of any text', () => {
    const hash = keyedHash(key);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(hash(text)).toBe(reference(text));
      }),
    );
  });

  it('is HMAC-SHA-256 of any text followed by any bytes', () => {
    const hash = keyedHash(key);
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.uint8Array({ maxLength: 9000 }), (text, bytes) => {
        expect(hash(text, Buffer.from(bytes))).toBe(reference(text, bytes));
      }),
    );
  });

  it('grows for a record as large as allowed and is right for a small one after it', () => {
    const hash = keyedHash(key);
    const large = Buffer.alloc(640 * 1024, 'x');
    expect(hash('p', large)).toBe(reference('p', large));
    expect(hash('p')).toBe(reference('p'));
  });

  it('refuses a key of another length', () => {
    expect(() => keyedHash(Buffer.alloc(31))).toThrow(RangeError);
  });
});
