import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { keyedText } from './keyed-text.js';

describe('when a text is hashed under a key', () => {
  it('is the HMAC-SHA-256 that everybody else computes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        (key, text) => {
          expect(keyedText(Buffer.from(key))(text)).toBe(createHmac('sha256', key).update(text).digest('base64url'));
        },
      ),
    );
  });

  it('refuses a key that is longer than a block', () => {
    expect(() => keyedText(Buffer.alloc(65))).toThrow(RangeError);
  });
});
