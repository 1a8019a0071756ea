import { commonMultiple, Decimal, NumberTooLarge } from './decimal.js';

const d = (text: string): Decimal => Decimal.parse(text);

describe('an exact decimal', () => {
  it('is the same however it is written', () => {
    expect(['1.0', '10e-1', '1', '0.1e1'].map((text) => d(text).compare(Decimal.ONE))).toEqual([0, 0, 0, 0]);
    expect(['-0', '0', '0.00', '0e5'].map((text) => String(d(text)))).toEqual(['0', '0', '0', '0']);
    expect(['-1.5', '1e21', '0.000001', '-12e-9', '123.45'].map((text) => d(text).compare(d(String(d(text)))))).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it('is compared without being written out', () => {
    expect(d('1e900000').compare(d('-1e900000'))).toBeGreaterThan(0);
    expect(d('1e-900000').compare(d('1e900000'))).toBeLessThan(0);
    expect(d('9007199254740993').compare(d('9007199254740992'))).toBeGreaterThan(0);
    expect(d('-0.3').compare(d('-0.2'))).toBeLessThan(0);
  });

  it('is a multiple as it is written, not as doubles are', () => {
    expect([d('0.3').isMultipleOf(d('0.1')), d('0.35').isMultipleOf(d('0.1')), d('-4').isMultipleOf(d('2'))]).toEqual([
      true,
      false,
      true,
    ]);
    expect([d('-0.5').floorBy(d('0.2')), d('0.5').floorBy(d('0.2'))]).toEqual([-3n, 2n]);
    expect(String(commonMultiple(d('0.4'), d('0.6')))).toBe('1.2');
  });

  it('refuses what would fill the memory', () => {
    expect(() => d('1e1000001')).toThrow(NumberTooLarge);
    expect(() => d('1e5000').isMultipleOf(d('1e-5000'))).toThrow(NumberTooLarge);
  });
});
