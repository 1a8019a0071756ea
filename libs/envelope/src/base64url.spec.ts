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

describe('a text of so many bytes', () => {
  it('is told by its form as decoding would tell it', () => {
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('A', 'Q', 'E', 'B', '=', '+', '\n'), maxLength: 8 }),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    );
    fc.assert(
      fc.property(text, fc.nat(6), (one, length) => {
        expect(encodes(one, length)).toBe(decodeCanonical(one)?.length === length);
      }),
      { numRuns: 2000 },
    );
  });
});
