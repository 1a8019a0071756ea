import fc from 'fast-check';
import { keepsItsValue } from './number.js';

describe('keepsItsValue', () => {
  it.each([
    '0',
    '-0',
    '0.0',
    '0e5',
    '-0.000e-99999999999999999999',
    '1.0',
    '1e2',
    '1E+2',
    '0.1',
    '100e-2',
    '-12.50',
    '1e21',
    '1e22',
  ])('holds for %s', (literal) => {
    expect(keepsItsValue(literal)).toBe(true);
  });

  it.each([
    '9007199254740992',
    '1.7976931348623157e308',
    '5e-324',
    '123456789012345680000',
    `1${'0'.repeat(22)}e-22`,
    `0.${'0'.repeat(400)}1e401`,
  ])('holds for %s, the largest and smallest of their kind', (literal) => {
    expect(keepsItsValue(literal)).toBe(true);
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '0.1000000000000000055',
    '0.30000000000000000001',
    '123456789012345678901',
    '1e309',
    '1e400',
    '1e-400',
    '4e-324',
    '1e99999999999999999999999',
    '1e-99999999999999999999999',
  ])('does not hold for %s', (literal) => {
    expect(keepsItsValue(literal)).toBe(false);
  });

  it('holds for every double as ECMAScript writes it, shifted and padded', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(30), (value, zeros) => {
        const [mantissa = '', exponent = '0'] = String(value).split('e');
        const padded = `${mantissa}${mantissa.includes('.') ? '' : '.'}${'0'.repeat(zeros + 1)}e${exponent}`;
        expect([keepsItsValue(String(value)), keepsItsValue(padded)]).toEqual([true, true]);
      }),
    );
  });

  it('does not hold once a digit is added that the double does not keep', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-5, max: 1e15 }),
        fc.integer({ min: 1, max: 9 }),
        (value, digit) => {
          const text = String(value);
          const longer = `${text}${text.includes('.') ? '' : '.'}${'0'.repeat(20)}${digit}`;
          expect(keepsItsValue(longer)).toBe(false);
        },
      ),
    );
  });
});
