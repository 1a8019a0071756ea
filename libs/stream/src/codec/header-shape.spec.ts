import fc from 'fast-check';
import { HeaderShape } from './header-shape.js';

const NAME = Buffer.from('ce_source');

/** What a record whose header number 0 has this value is given for it: the same again, or nothing. */
function valuesOf(shape: HeaderShape, values: readonly Buffer[]): (Buffer | undefined)[] {
  return values.map((value) => {
    const fetched = Buffer.concat([NAME, value]);
    shape.nameAt(0, fetched, 0, NAME.length);
    const given = shape.valueAt(0, fetched, NAME.length, fetched.length);
    const bytes = given === undefined ? undefined : Buffer.from(given);
    fetched.fill(0xff); // whatever becomes of the fetched memory
    return bytes;
  });
}

describe('the value of a header that the record before had as well', () => {
  it('is given again as one object, which is a copy', () => {
    const shape = new HeaderShape();
    const fetched = () => Buffer.from(new TextEncoder().encode('ce_sourceabc').buffer); // memory of its own
    const [first, second] = [fetched(), fetched()];
    shape.nameAt(0, first, 0, 9);
    expect(shape.valueAt(0, first, 9, 12)).toBeUndefined();
    const again = shape.valueAt(0, second, 9, 12);
    expect(again?.toString()).toBe('abc');
    expect(again?.buffer).not.toBe(second.buffer);
    expect(shape.valueAt(0, second, 9, 12)).toBe(again);
  });

  it('is what its record says, whatever those before said and became of', () => {
    const value = fc.oneof(
      fc.constantFrom('a', 'b', 'ab', '').map((text) => Buffer.from(text)),
      fc.constantFrom('x', 'y').map((text) => Buffer.alloc(100, text)),
      fc.constantFrom(512, 513).map((length) => Buffer.alloc(length, 'z')),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        const given = valuesOf(new HeaderShape(), values);
        given.forEach((bytes, i) => {
          if (bytes !== undefined) expect(bytes).toEqual(values[i]);
        });
      }),
    );
  });

  it('is looked for no longer where each record has another one, until the name changes', () => {
    const shape = new HeaderShape();
    valuesOf(
      shape,
      Array.from({ length: 30 }, (_, i) => Buffer.from(`id-${i}`)),
    );
    expect(valuesOf(shape, [Buffer.from('a'), Buffer.from('a')])).toEqual([undefined, undefined]);
    const other = Buffer.from('ce_idxxxxxxx');
    for (const expected of [undefined, 'xxxxxxx']) {
      shape.nameAt(0, other, 0, 5);
      expect(shape.valueAt(0, other, 5, 12)?.toString()).toBe(expected);
    }
  });
});
