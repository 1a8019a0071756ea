import fc from 'fast-check';
import { FaultError } from '#faults';
import { canonicalize } from './canonicalize.js';
import { parseStrict } from './parse-strict.js';

const canonical = (value: unknown): string => canonicalize(value).toString('utf8');

/** The double with these 64 bits. */
const double = (hex: string): number => Buffer.from(hex.padStart(16, '0'), 'hex').readDoubleBE();

/** RFC 8785 written down again, slowly and by other means: the engine's escapes and code unit order, joined as text. */
function slowly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(slowly).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => compareUnits(a, b));
  return `{${members.map(([name, of]) => `${JSON.stringify(name)}:${slowly(of)}`).join(',')}}`;
}

function compareUnits(a: string, b: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return a.charCodeAt(i) - b.charCodeAt(i);
  }
  return a.length - b.length;
}

describe('the canonical form', () => {
  it('is that of the sample of RFC 8785 section 3.2.3', () => {
    const sample = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\u{1f600}': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonical(sample)))).toEqual([
      'One', // an engine lists index-like names first; they are first here too
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
    expect(canonical(sample).startsWith('{"\\r":"Carriage Return","1":"One",')).toBe(true);
  });

  it('orders names that look like array indexes as text', () => {
    expect(canonical({ 10: 'a', 9: 'b', 1: 'c' })).toBe('{"1":"c","10":"a","9":"b"}');
  });

  it('escapes nothing that need not be escaped', () => {
    expect(canonical('\u20ac$\u000f\nA\'B"\\\\"/\u007f\u2028\b\t\f\r\u0000')).toBe(
      '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u007f\u2028\\b\\t\\f\\r\\u0000"',
    );
  });

  it.each([
    ['0', '0000000000000000'],
    ['0', '8000000000000000'],
    ['5e-324', '0000000000000001'],
    ['-5e-324', '8000000000000001'],
    ['1.7976931348623157e+308', '7fefffffffffffff'],
    ['9007199254740992', '4340000000000000'],
    ['-9007199254740992', 'c340000000000000'],
    ['295147905179352830000', '4430000000000000'],
    ['9.999999999999997e+22', '44b52d02c7e14af5'],
    ['1e+23', '44b52d02c7e14af6'],
    ['1.0000000000000001e+23', '44b52d02c7e14af7'],
    ['999999999999999700000', '444b1ae4d6e2ef4e'],
    ['999999999999999900000', '444b1ae4d6e2ef4f'],
    ['1e+21', '444b1ae4d6e2ef50'],
    ['9.999999999999997e-7', '3eb0c6f7a0b5ed8c'],
    ['0.000001', '3eb0c6f7a0b5ed8d'],
    ['333333333.3333332', '41b3de4355555553'],
    ['333333333.33333325', '41b3de4355555554'],
    ['333333333.3333333', '41b3de4355555555'],
    ['333333333.3333334', '41b3de4355555556'],
    ['333333333.33333343', '41b3de4355555557'],
    ['-0.0000033333333333333333', 'becbf647612f3696'],
    ['1424953923781206.2', '43143ff3c1cb0959'],
  ])('writes the double of RFC 8785 appendix B as %s', (text, hex) => {
    expect(canonical([double(hex)])).toBe(`[${text}]`);
  });

  it('is the one that a slow writer gives', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', '1', '10', ''),
    );
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        texts,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.constantFrom(null, true, false),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(texts, tie('value'), { maxKeys: 6 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (any) => {
        const expected = slowly(any);
        for (let time = 0; time < 3; time++) expect(canonical(any)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (any) => {
        const once = canonicalize(any);
        const read = parseStrict(once);
        expect(read.ok && canonicalize(read.value).equals(once)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same in whatever order the members stand, known or not', () => {
    const people = fc.uniqueArray(fc.constantFrom('id', 'name', 'born', '__proto__', '7', 'ქალაქი', 'a b'), { minLength: 1 });
    fc.assert(
      fc.property(people, (names) => {
        const text = (order: string[]): string =>
          `{${order.map((name) => `${JSON.stringify(name)}:{"in":${JSON.stringify(name)}}`)}}`;
        const forms = [names, names.toReversed(), names, names.toReversed()].map((order) => canonical(JSON.parse(text(order))));
        expect(new Set(forms).size).toBe(1);
      }),
    );
  });

  it('holds where an object contains one of its own shape, before and after that is known', () => {
    const doll = { b: { b: { b: 1, a: 2 }, a: 3 }, a: 4 };
    for (let time = 0; time < 4; time++) expect(canonical(doll)).toBe('{"a":4,"b":{"a":3,"b":{"a":2,"b":1}}}');
  });

  it('belongs to the caller: a later one does not change it', () => {
    const first = canonicalize({ a: 'first' });
    canonicalize({ a: 'other' });
    expect(first.toString()).toBe('{"a":"first"}');
  });

  it('may be larger than any buffer that was needed before', () => {
    const value = { a: '\u0001'.repeat(100_000), b: 'ქ'.repeat(300_000), c: Array.from({ length: 50_000 }, (_, i) => i / 8) };
    expect(canonical(value)).toBe(slowly(value));
  });

  it('is still right after more names than are remembered', () => {
    for (let i = 0; i < 200; i++) {
      const inner = Object.fromEntries(Array.from({ length: 100 }, (_, j) => [`n${(j * 37) % 100}-${i}`, j]));
      const value = { [`k${i}`]: inner, a: { k1: 1 } };
      expect(canonical(value)).toBe(slowly(value));
    }
  });

  it('is the same whichever of the known members an object has', () => {
    const names = ['id', 'c', 'b', '__proto__', 'a', '9', '10', 'ქ'];
    for (let which = 0; which < 2 ** names.length; which++) {
      const chosen = names.filter((_, i) => (which >> i) % 2 === 1);
      const value = Object.fromEntries(chosen.map((name) => [name, { [name]: which, z: chosen }]));
      expect(canonical(value)).toBe(slowly(value));
    }
  });

  it('is written for objects of thousands of members and for names of any length', () => {
    const value = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${'n'.repeat(i % 300 === 0 ? 300 : 3)}${i}`, i]));
    for (let time = 0; time < 3; time++) expect(canonical(value)).toBe(slowly(value));
  });
});

describe('when a value has no canonical form', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  it.each([
    ['JSON_NOT_REPRESENTABLE', 'undefined', undefined],
    ['JSON_NOT_REPRESENTABLE', 'a member that is undefined', { a: undefined }],
    ['JSON_NOT_REPRESENTABLE', 'a hole in an array', new Array(1)],
    ['JSON_NOT_REPRESENTABLE', 'NaN', { a: Number.NaN }],
    ['JSON_NOT_REPRESENTABLE', 'an infinity', [Number.NEGATIVE_INFINITY]],
    ['JSON_NOT_REPRESENTABLE', 'a bigint', 1n],
    ['JSON_NOT_REPRESENTABLE', 'a date', new Date(0)],
    ['JSON_NOT_REPRESENTABLE', 'bytes', { a: Buffer.from('a') }],
    ['JSON_NOT_REPRESENTABLE', 'a map', new Map()],
    ['JSON_SURROGATE_LONE', 'half a pair at the end', 'a\ud83d'],
    ['JSON_SURROGATE_LONE', 'half a pair before a letter', '\ud83da'],
    ['JSON_SURROGATE_LONE', 'a second half alone', '\ude00\ud83d'],
    ['JSON_SURROGATE_LONE', 'half a pair in a name', { '\ud83d': 1 }],
    ['JSON_TOO_DEEP', 'an array that contains itself', circular],
  ])('throws %s for %s, every time', (code, _name, value) => {
    for (let time = 0; time < 3; time++) {
      const error = thrownBy(() => canonicalize(value));
      expect(error instanceof FaultError && error.code).toBe(code);
    }
    expect(canonical({ a: 1 })).toBe('{"a":1}');
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
