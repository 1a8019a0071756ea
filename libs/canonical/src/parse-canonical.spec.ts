import fc from 'fast-check';
import { canonicalize } from './canonicalize.js';
import { MAX_RECORD_BYTES, RECORD_LIMITS } from './limits.js';
import { parseCanonical } from './parse-canonical.js';
import { parseStrict, readStrict } from './parse-strict.js';
import { Spans } from './spans.js';

/** What the two functions say that this one stands for. */
function slowly(bytes: Buffer): unknown {
  const read = parseStrict(bytes);
  return read.ok ? { ...read, canonical: canonicalize(read.value).toString() } : read;
}

function quickly(bytes: Uint8Array): unknown {
  const read = parseCanonical(bytes);
  return read.ok ? { ...read, canonical: read.canonical.toString() } : read;
}

/** The form that was made while reading; undefined where it was left to `canonicalize`. */
function copied(text: string): string | undefined {
  const spans = new Spans();
  const bytes = Buffer.from(text);
  spans.begin(bytes);
  return readStrict(bytes, RECORD_LIMITS, spans).ok ? spans.end()?.toString() : undefined;
}

/** Reads a text so often that its names and layouts are known, even if all were forgotten meanwhile. */
function copiedInTheEnd(text: string): string | undefined {
  for (let time = 0; time < 6; time++) {
    const form = copied(text);
    if (form !== undefined) return form;
  }
  return undefined;
}

const space = fc.constantFrom('', '', '', ' ', '\n', ' \t\r\n ');
const plainPiece = fc.constantFrom(
  'a',
  'Z',
  '/',
  'é',
  'ქ',
  '\u{1f600}',
  '\u007f',
  '\u2028',
  '\ue000',
  'a longer piece, of ordinary text',
);
const escapedPiece = fc.constantFrom(
  '\\n',
  '\\u000a',
  '\\"',
  '\\\\',
  '\\/',
  '\\u001f',
  '\\u001F',
  '\\u0041',
  '\\u10d0',
  '\\ud83d\\uDE00',
  '\\b',
);
const text = (...pieces: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.array(fc.oneof(...pieces), { maxLength: 6 }).map((parts) => `"${parts.join('')}"`);
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.stringMatching(/^\d{1,12}$/)).map(([a, b]) => `${a}.${b}`),
  fc.constantFrom(
    '-0',
    '0.0',
    '-0.0',
    '1.0',
    '1.50',
    '1e2',
    '100E-2',
    '0e5',
    '1e+21',
    '1E-7',
    '0.000001',
    '0.0000001',
    '12345678901234560000000',
    '1234567890123456800',
    '12345678901234568',
    '0.30000000000000004',
    '-123456789012345',
  ),
);
const plainName = fc.constantFrom(
  '"b"',
  '"a"',
  '"ab"',
  '"__proto__"',
  '"10"',
  '"9"',
  '"\u{1f600}"',
  '"\ufb33"',
  '"ქალაქი"',
  '""',
);
const oddName = fc.constantFrom('"\\u0061"', '"x\\ny"', '"x\\u000ay"', '"\\ud83d\\ude00"', '"q\\"q"');

/** JSON texts of any spelling, in which the members of an object have different names. */
function documents(name: fc.Arbitrary<string>, string: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const { document } = fc.letrec<{ document: string }>((tie) => {
    const spaced = fc.tuple(space, tie('document'), space).map((parts) => parts.join(''));
    const member = fc.tuple(name, space, spaced).map(([name, space, value]) => ({ name, text: `${name}${space}:${value}` }));
    return {
      document: fc.oneof(
        { maxDepth: 4, depthSize: 'max' },
        string,
        number,
        fc.constantFrom('true', 'false', 'null', '{}', '[]', '{ }', '[\n]'),
        fc
          .tuple(space, fc.array(spaced, { maxLength: 5 }))
          .map(([space, items]) => `[${items.length > 0 ? items.join(',') : space}]`),
        fc
          .tuple(space, fc.uniqueArray(member, { maxLength: 7, selector: ({ name }) => name }))
          .map(([space, members]) => `{${space}${members.map(({ text }) => text).join(`,${space}`)}${space}}`),
      ),
    };
  });
  return fc.tuple(space, document, space).map((parts) => parts.join(''));
}

const anything = documents(fc.oneof(plainName, plainName, oddName), text(plainPiece, escapedPiece));
const faulty = documents(
  fc.oneof({ weight: 30, arbitrary: plainName }, { weight: 1, arbitrary: fc.constantFrom('"\\ud83d"', '"a', 'a') }),
  text(fc.constantFrom('\\ud800', '\\x', '\n'), plainPiece, plainPiece, escapedPiece, escapedPiece),
);

describe('parseCanonical', () => {
  it('says the same as reading strictly and writing the canonical form, in whatever order it meets documents', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 4 }), (texts) => {
        for (const text of [...texts, ...texts, ...texts]) expect(quickly(Buffer.from(text))).toEqual(slowly(Buffer.from(text)));
      }),
      { numRuns: 300 },
    );
  });

  it('says the same of texts that are not JSON, have half a pair or a name twice, and of the ones after them', () => {
    const twice = fc.tuple(faulty, faulty).map(([a, b]) => `{"a":${a},"b":${b},"a":1}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(faulty, twice, anything), { minLength: 1, maxLength: 4 }), (texts) => {
        for (const text of [...texts, ...texts, ...texts]) expect(quickly(Buffer.from(text))).toEqual(slowly(Buffer.from(text)));
      }),
      { numRuns: 200 },
    );
  });

  it('makes the form while it reads once the names and layouts are known', () => {
    fc.assert(
      fc.property(documents(plainName, text(plainPiece, escapedPiece)), (text) => {
        expect(copiedInTheEnd(text)).toBe(canonicalize(JSON.parse(text)).toString());
      }),
      { numRuns: 300 },
    );
  });

  it('reads a plain Uint8Array that begins inside its buffer', () => {
    const bytes = new Uint8Array(Buffer.from('xx{"b":1,"a":"ქ"}')).subarray(2);
    for (let time = 0; time < 3; time++) expect(quickly(bytes)).toEqual(slowly(Buffer.from(bytes)));
  });

  it('gives a form that belongs to the caller', () => {
    const bytes = Buffer.from('{"a":"first","b":1}');
    copiedInTheEnd(bytes.toString());
    const first = parseCanonical(bytes);
    bytes.fill(0x20);
    parseCanonical(Buffer.from('{"a":"other","b":2}'));
    expect(first.ok && first.canonical.toString()).toBe('{"a":"first","b":1}');
  });
});

describe('the form that is made while reading', () => {
  it.each([
    ['a document that is canonical', '{"a":{"x":[1,"ქ"],"y":{}},"b":-1.5}', '{"a":{"x":[1,"ქ"],"y":{}},"b":-1.5}'],
    ['one member', '{ "a" : 1 }', '{"a":1}'],
    ['members in another order', '{"b":1,"c":[],"a":{"z":2,"y":3}}', '{"a":{"y":3,"z":2},"b":1,"c":[]}'],
    ['names in the order of UTF-16 units', '{"\ufb33":1,"\u{1f600}":2,"10":3,"9":4}', '{"10":3,"9":4,"\u{1f600}":2,"\ufb33":1}'],
    ['a member called __proto__', '{"a":1,"__proto__":{"b":1}}', '{"__proto__":{"b":1},"a":1}'],
    ['a name that cannot be written without an escape', '{"x\\ny":1,"a":2}', '{"a":2,"x\\ny":1}'],
    ['numbers in other spellings', '[1.0, 1e2,-0 ,0.0000001,0.5]', '[1,100,0,1e-7,0.5]'],
    ['escapes in a string', '["\\u10d0\\/\\u001F\\n"]', '["\u10d0/\\u001f\\n"]'],
    ['a string alone', ' "a" ', '"a"'],
    ['128 members', `{${range(128).map((i) => `"n${(i * 37) % 128}":${i}`)}}`, undefined],
    [
      'a string of 30 KB below 3 unsorted levels',
      '{"b":1,"a":'.repeat(3) + JSON.stringify('ab'.repeat(15_000)) + '}'.repeat(3),
      undefined,
    ],
  ])('is that of %s', (_name, text, form) => {
    expect(copiedInTheEnd(text)).toBe(form ?? canonicalize(JSON.parse(text)).toString());
  });

  it.each([
    ['a name that is escaped without need', '{"\\u0061":1}'],
    ['more than 128 members', `{${range(129).map((i) => `"m${i}":${i}`)}}`],
    ['a text of more than 32 KiB', `["${'a'.repeat(32 * 1024)}"]`],
    ['more room than there is for numbers', `[${'1e9,'.repeat(8000)}1]`],
    [
      'a string of 30 KB below 32 unsorted levels',
      '{"b":1,"a":'.repeat(32) + JSON.stringify('ab'.repeat(15_000)) + '}'.repeat(32),
    ],
  ])('is not made of %s', (_name, text) => {
    expect(copiedInTheEnd(text)).toBeUndefined();
    expect(quickly(Buffer.from(text))).toEqual(slowly(Buffer.from(text)));
  });

  it.each([
    ['items', '0,'],
    ['empty items', '[],'],
    ['items with white space', '[ ],'],
    ['members without a name', '{"":0},'],
    ['strings of one escape', '"\\n",'],
    ['decimals', '1.0,'],
  ])('finds room for as many %s as a text may have', (_name, unit) => {
    const text = `[${unit.repeat(Math.floor((32 * 1024 - 3) / unit.length))}0]`;
    expect(copiedInTheEnd(text)).toBe(unit === '1.0,' ? undefined : canonicalize(JSON.parse(text)).toString());
    expect(quickly(Buffer.from(text))).toEqual(slowly(Buffer.from(text)));
  });

  it('is right below 32 levels around a string of any size', () => {
    for (const size of [0, 100, 2000, 8000, 32_000, MAX_RECORD_BYTES - 500]) {
      const text = '{"b":[1.0],"a":'.repeat(31) + JSON.stringify('x'.repeat(size)) + '}'.repeat(31);
      for (let time = 0; time < 3; time++) expect(quickly(Buffer.from(text))).toEqual(slowly(Buffer.from(text)));
    }
  });
});

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
