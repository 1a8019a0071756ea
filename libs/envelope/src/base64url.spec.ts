import fc from 'fast-check';
import { decodeCanonical, encodes } from './base64url.js';

describe('when bytes are encoded', () => {
  it('has one spelling, which decodes to them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(decodeCanonical(Buffer.from(bytes).toString('base64url'))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    ['padding', 'AA=='],
    ['spare bits', 'AB'],
    ['spare bits of three characters', 'AAB'],
    ['a length that no bytes give', 'AAAAA'],
    ['white space', 'AA AA'],
    ['a newline at the end', 'AAAA\n'],
    ['the other alphabet', '+/+/'],
  ])('refuses %s', (_, text) => {
    expect(decodeCanonical(text)).toBeUndefined();
  });

  it('knows its length', () => {
    expect([encodes('AAAA', 3), encodes('AAAA', 2), encodes(7, 3), encodes(undefined, 0)]).toEqual([true, false, false, false]);
  });
});
