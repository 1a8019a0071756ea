import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { isJsonObject } from './json-value.js';
import { MAX_RECORD_BYTES } from './limits.js';
import { parseStrict, type StrictResult } from './parse-strict.js';

const parse = (text: string): StrictResult => parseStrict(Buffer.from(text));
const codeOf = (input: string | Uint8Array): string => {
  const result = parseStrict(typeof input === 'string' ? Buffer.from(input) : input);
  return result.ok ? 'accepted' : result.code;
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const heap = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

describe('when a text was refused', () => {
  const long = 'x'.repeat(300_000);
  const manyNames = Array.from({ length: 600 }, (_, i) => `"one-name-of-very-many-${i}":1,`); // more than are remembered
  it.each([
    ['the memory of names', (i: number) => `{"refused-${i >> 7}":{"a-name-of-some-length-${i}":1,"v":"${long}"`],
    ['the list of open members', (i: number) => `{"v":"${long}",${manyNames.slice(i).join('')}`],
  ])('nothing of it is kept in %s', (_name, text) => {
    const before = heap();
    for (let i = 0; i < 200; i++) expect(codeOf(text(i))).toBe('JSON_SYNTAX');
    expect(heap() - before).toBeLessThan(15_000_000); // of 60 MB
  });
});

describe('when the text is strict JSON', () => {
  it.each([
    ['a word', 'null', null],
    ['white space around every token', ' \t\n\r{ "a" : [ 1 , true ] } \n', { a: [1, true] }],
    ['empty containers', '[{},[],""]', [{}, [], '']],
    ['every short escape', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['an escaped pair beside a raw one', '"\\ud83d\\ude00\u{1f600}"', '\u{1f600}\u{1f600}'],
    ['an escaped zero and a noncharacter', '"\\u0000\\uffff"', '\u0000\uffff'],
    ['line separators, which only JavaScript minds', '"\u2028\u2029\u007f"', '\u2028\u2029\u007f'],
    ['escapes in a name', '{"\\u0061\\n":1}', { 'a\n': 1 }],
    ['names that look like array indexes', '{"10":1,"9":2,"-1":3}', { 10: 1, 9: 2, '-1': 3 }],
    ['other spellings of a number that a double holds', '[1.0,1e2,0.1,-0,100E-2,0e999999999999]', [1, 100, 0.1, -0, 1, 0]],
    ['nesting of 32 levels', nested(32), JSON.parse(nested(32))],
  ])('reads %s', (_name, text, value) => {
    expect(parse(text)).toEqual({ ok: true, value });
  });

  it('reads __proto__ as an own member, the first time and when the shape is known', () => {
    for (let time = 0; time < 4; time++) {
      const result = parse('{"a":1,"__proto__":{"polluted":true},"constructor":2}');
      const value = result.ok ? result.value : undefined;
      expect(Object.keys(value ?? {})).toEqual(['a', '__proto__', 'constructor']);
      expect(Object.getPrototypeOf(value)).toBe(Object.getPrototypeOf({}));
      expect(value).not.toHaveProperty('polluted');
    }
  });

  it('reads the same bytes from a plain Uint8Array that begins inside its buffer', () => {
    const bytes = new Uint8Array(Buffer.from('xx{"a":"ქ"}'));
    expect(parseStrict(bytes.subarray(2))).toEqual({ ok: true, value: { a: 'ქ' } });
  });

  it('reads a record of exactly 640 KiB', () => {
    expect(parse(`"${'a'.repeat(MAX_RECORD_BYTES - 2)}"`).ok).toBe(true);
  });
});

describe('when the text is refused', () => {
  it.each([
    ['JSON_EMPTY', 'no bytes', ''],
    ['JSON_EMPTY', 'white space only', ' \r\n\t'],
    ['JSON_TOO_LARGE', 'more than 640 KiB', `"${'a'.repeat(MAX_RECORD_BYTES - 1)}"`],
    ['JSON_UTF8_INVALID', 'a cut character', Buffer.from([0x22, 0xe1, 0x83, 0x22])],
    ['JSON_UTF8_INVALID', 'an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['JSON_UTF8_INVALID', 'a surrogate as UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['JSON_UTF8_INVALID', 'a byte order mark', Buffer.from('\ufeff{}')],
    ['JSON_UTF8_INVALID', 'UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
    ['JSON_TOO_DEEP', '33 arrays', nested(33)],
    ['JSON_TOO_DEEP', '33 objects', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
    ['JSON_SYNTAX', 'two values', '{} {}'],
    ['JSON_SYNTAX', 'a trailing comma', '[1,]'],
    ['JSON_SYNTAX', 'a name without quotes', '{a:1}'],
    ['JSON_SYNTAX', 'a raw line feed in a string', '"a\nb"'],
    ['JSON_SYNTAX', 'a raw line feed after an escape', '"\\ta\nb"'],
    ['JSON_SYNTAX', 'a zero byte at the end', '{}\u0000'],
    ['JSON_SYNTAX', 'an unknown escape', '"\\x41"'],
    ['JSON_SYNTAX', 'an escape with three digits', '"\\u12"3'],
    ['JSON_SYNTAX', 'a leading zero', '01'],
    ['JSON_SYNTAX', 'a number without integer part', '-.5'],
    ['JSON_SYNTAX', 'a number without fraction', '1.'],
    ['JSON_SYNTAX', 'a number without exponent', '1e+'],
    ['JSON_SYNTAX', 'NaN', 'NaN'],
    ['JSON_SYNTAX', 'an object that does not end', '{"a":1'],
    ['JSON_SYNTAX', 'a string that ends in a backslash', '"a\\'],
    ['JSON_NUMBER_LOSSY', '2^53+1', '9007199254740993'],
    ['JSON_NUMBER_LOSSY', 'more digits than a double keeps', '0.1000000000000000055'],
    ['JSON_NUMBER_LOSSY', 'a number beyond all doubles', '[1e400]'],
    ['JSON_NUMBER_LOSSY', 'a number that would become zero', '[1e-400]'],
    ['JSON_SURROGATE_LONE', 'the first half alone', '"\\uD800"'],
    ['JSON_SURROGATE_LONE', 'the second half alone', '"\\udc00"'],
    ['JSON_SURROGATE_LONE', 'halves in the wrong order', '"\\udc00\\ud800"'],
    ['JSON_SURROGATE_LONE', 'half a pair in a name', '{"\\ud83d":1}'],
    ['JSON_DUPLICATE_MEMBER', 'a name twice', '{"a":1,"b":2,"a":1}'],
    ['JSON_DUPLICATE_MEMBER', 'a name twice, once escaped', '{"a":1,"\\u0061":1}'],
    ['JSON_DUPLICATE_MEMBER', '__proto__ twice', '{"__proto__":1,"__proto__":1}'],
    ['JSON_DUPLICATE_MEMBER', 'a name twice, deep inside', '[[{"x":{"a":1,"a":2}}]]'],
  ])('answers %s for %s, whenever it is asked', (code, _name, input) => {
    for (let time = 0; time < 4; time++) expect(codeOf(input)).toBe(code);
  });

  it('says that it is not JSON rather than what else is wrong with it', () => {
    expect(codeOf('{"a":1e999,"a":"\\ud800",}')).toBe('JSON_SYNTAX');
  });

  it('names the first fault of several in a text that is JSON', () => {
    expect(codeOf('["\\ud800",1e999]')).toBe('JSON_SURROGATE_LONE');
    expect(codeOf('[1e999,"\\ud800"]')).toBe('JSON_NUMBER_LOSSY');
  });
});

describe('parseStrict', () => {
  it('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    const json = fc.tuple(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom('', ' ', '\t', '\n  '));
    fc.assert(
      fc.property(json, ([value, indent]) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with a slow judge on texts that were damaged anywhere', () => {
    const pieces = fc.constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '.',
      'e',
      '-',
      ' ',
      '\\u0061',
      '\\ud800',
      '"a":1,',
      '\n',
      'ქ',
    );
    const damage = fc.record({ at: fc.nat(), drop: fc.nat(3), put: pieces });
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.array(damage, { maxLength: 3 }), (json, damages) => {
        let text = json;
        for (const { at, drop, put } of damages) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + put + text.slice(place + drop);
        }
        expect(parse(text).ok).toBe(isStrict(Buffer.from(text).toString()));
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses every beginning of a document', () => {
    const text = '{"a":[1.5e3,"\\u10d0 ქ",true,null],"b":{"c":-12}}';
    for (let length = 1; length < Buffer.byteLength(text); length++) {
      expect(parseStrict(Buffer.from(text).subarray(0, length)).ok).toBe(false);
    }
  });

  it('reads a document in the same way whatever it read before', () => {
    const record = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', '1', 'ქ', 'x y'), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(fc.array(record, { minLength: 2, maxLength: 6 }), (records) => {
        for (const text of [...records, ...records, ...records].map((value) => JSON.stringify(value))) {
          expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
        }
      }),
    );
  });
});

describe('when the input is made to cost', () => {
  const fill = (unit: string): string => unit.repeat(Math.floor((MAX_RECORD_BYTES - 100) / unit.length));
  const manyNames = (from: number, count: number): string =>
    `{${Array.from({ length: count }, (_, i) => `"n${from + i}":${i}`).join(',')}}`;

  it.each([
    ['JSON_TOO_DEEP', '100,000 opening brackets', '['.repeat(100_000)],
    ['JSON_TOO_DEEP', '100,000 opening objects', '{"a":'.repeat(100_000)],
    ['JSON_NUMBER_LOSSY', 'a number of 640,000 digits', `[${fill('9')}]`],
    ['JSON_NUMBER_LOSSY', 'an exponent of 640,000 digits', `[1e${fill('9')}]`],
    ['accepted', 'a one with 640,000 zeros behind the point', `[1.${fill('0')}]`],
    ['JSON_NUMBER_LOSSY', '640,000 zeros between two ones', `[1.${fill('0')}1]`],
    ['accepted', 'a hundred thousand numbers', `[${fill('1e2,')}1]`],
    ['accepted', 'a string of nothing but escapes', `["${fill('\\u0041')}"]`],
    ['accepted', 'many strings of escapes', `[${fill('"\\n",')}1]`],
    ['JSON_DUPLICATE_MEMBER', 'one name again and again', `{${fill('"a":0,')}"a":0}`],
    ['accepted', '40,000 different names', manyNames(0, 40_000)],
    ['JSON_SYNTAX', 'a string that never ends', `"${fill('a')}`],
    ['JSON_SYNTAX', 'escaped quotes without end', `"${fill('\\"')}`],
  ])('answers %s for %s', (code, _name, text) => {
    expect(codeOf(text)).toBe(code);
  });

  it('still reads records after more names than it remembers', () => {
    for (let i = 0; i < 200; i++) expect(codeOf(`{"k${i}":${manyNames(i * 100, 100)}}`)).toBe('accepted');
    const objects = Array.from({ length: 300 }, (_, i) => ({ [`o${i}`]: i, same: { [`p${i}`]: [i] } }));
    for (let time = 0; time < 3; time++) expect(parse(JSON.stringify(objects))).toEqual({ ok: true, value: objects });
  });

  it('still reads records after more orders of names than it remembers', () => {
    const orders = Array.from({ length: 2500 }, (_, i) => permuted(['a', 'b', 'c', 'd', 'e', 'f', '__proto__'], i));
    const wrong = [...orders, ...orders].filter((order) => {
      const result = parse(`{${order.map((name, i) => `"${name}":${i}`).join(',')}}`);
      const members = Object.entries(result.ok && isJsonObject(result.value) ? result.value : {});
      return JSON.stringify(members) !== JSON.stringify(order.map((name, i) => [name, i]));
    });
    expect(wrong).toEqual([]);
  });
});

/** The order number `which` of some items. */
function permuted(items: readonly string[], which: number): string[] {
  const rest = [...items];
  let number = which;
  return items.map(() => {
    const place = number % rest.length;
    number = Math.floor(number / rest.length);
    return rest.splice(place, 1).join('');
  });
}

/** Decides the same as the parser by other means: the engine's own parser, and token by token where that one is blind. */
function isStrict(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[-+.0-9eE]+|[{}[\]:]/g) ?? [];
  const strings = tokens.filter((token) => token.startsWith('"')).map((token) => String(JSON.parse(token)));
  const numbers = tokens.filter((token) => /^[-0-9]/.test(token));
  const colons = tokens.filter((token) => token === ':');
  return (
    !strings.some((string) => /\p{Surrogate}/u.test(string)) &&
    numbers.every((literal) => /^(-?)0*(\d{1,15})$/.test(literal) || sameDecimal(literal, String(Number(literal)))) &&
    colons.length === countMembers(value)
  );
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children: unknown[] = Object.values(value);
  return children.reduce<number>((sum, child) => sum + countMembers(child), Array.isArray(value) ? 0 : children.length);
}

function sameDecimal(a: string, b: string): boolean {
  if (!/^-?\d/.test(b)) return false; // Infinity
  const [digitsA, scaleA] = fraction(a);
  const [digitsB, scaleB] = fraction(b);
  const apart = scaleA - scaleB;
  if (apart > 2000n || apart < -2000n) return digitsA === 0n && digitsB === 0n;
  return apart > 0n ? digitsA * 10n ** apart === digitsB : digitsA === digitsB * 10n ** -apart;
}

/** A literal as digits × 10^scale. */
function fraction(literal: string): [bigint, bigint] {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [integer = '', decimals = ''] = mantissa.replace('-', '').split('.');
  return [BigInt(integer + decimals), BigInt(exponent.replace('+', '')) - BigInt(decimals.length)];
}
