import fc from 'fast-check';
import { NumberRanges } from './number-ranges.js';

describe('when numbers are remembered as ranges', () => {
  it('has those that were added and no others, and reads back what it wrote', () => {
    const number = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(fc.array(number, { maxLength: 80 }), (added) => {
        const ranges = NumberRanges.of();
        for (const one of added) ranges.add(one);
        const expected = new Set(added);
        const again = NumberRanges.of(JSON.parse(JSON.stringify(ranges)) as [number, number][]);
        for (let one = 0; one <= 61; one += 1) expect([one, again.has(one)]).toEqual([one, expected.has(one)]);
        expect(again.size).toBe(expected.size);
      }),
    );
  });

  it('keeps numbers that came in any order as one range', () => {
    const ranges = NumberRanges.of();
    for (const one of [2, 4, 1, 3, 3]) ranges.add(one);
    expect(ranges.toJSON()).toEqual([[1, 4]]);
  });
});
