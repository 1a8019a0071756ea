import fc from 'fast-check';
import { sliceMembers } from './slice-members.js';

/** The raw text of each member, by name. */
function sliced(text: string | Buffer): Record<string, string> | undefined {
  const bytes = Buffer.from(text);
  const members = sliceMembers(bytes);
  return members && Object.fromEntries([...members].map(([name, { start, end }]) => [name, bytes.toString('utf8', start, end)]));
}

describe('when the bytes are one object', () => {
  it('gives the raw text of every value, untouched and without the space around it', () => {
    const text = ' {\n"id" : "a,}\\"]" ,"n":\t1.50e+1 ,"data":{ "x": [1, {"}": "]"} ] }, "t":true}\r\n';
    expect(sliced(text)).toEqual({ id: '"a,}\\"]"', n: '1.50e+1', data: '{ "x": [1, {"}": "]"} ] }', t: 'true' });
  });

  it('decodes names', () => {
    expect(sliced('{"d\\u0061ta":1,"ქ":2,"\\n":3,"":4}')).toEqual({ data: '1', ქ: '2', '\n': '3', '': '4' });
  });

  it('keeps a member named __proto__ like any other', () => {
    expect([...(sliceMembers(Buffer.from('{"__proto__":1}')) ?? [])]).toEqual([['__proto__', { start: 13, end: 14 }]]);
  });

  it('has nothing to say of an empty object', () => {
    expect(sliceMembers(Buffer.from(' { } '))?.size).toBe(0);
  });

  it.each([
    ['numbers that change', '01e999'],
    ['words that are no JSON', 'undefined or not'],
    ['repeated members', '{"a":1,"a":2}'],
    ['brackets of the wrong kind', '[{]}'],
    ['bad escapes', '"\\x"'],
    ['nesting without end', '['.repeat(50_000) + ']'.repeat(50_000)],
  ])('leaves %s inside a value to be judged later', (_name, value) => {
    expect(sliced(`{"id":"1","data":${value}}`)).toEqual({ id: '"1"', data: value });
  });

  it('leaves invalid UTF-8 inside a value to be judged later', () => {
    const bytes = Buffer.concat([Buffer.from('{"data":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]);
    expect(sliceMembers(bytes)?.get('data')).toEqual({ start: 8, end: 12 });
  });

  it('cuts out of any object what JSON.parse finds there', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
        fc.constantFrom(0, 1, '\t'),
        (value, indent) => {
          const object: Record<string, unknown> = JSON.parse(JSON.stringify(value));
          const text = sliced(JSON.stringify(object, null, indent)) ?? {};
          const read = Object.fromEntries(Object.entries(text).map(([name, raw]) => [name, JSON.parse(raw)]));
          expect(read).toEqual(object);
        },
      ),
    );
  });
});

describe('when the bytes cannot be taken apart', () => {
  it.each([
    ['nothing', ''],
    ['an array', '[]'],
    ['two objects', '{}{}'],
    ['text behind the object', '{"a":1}x'],
    ['a byte order mark', '\ufeff{}'],
    ['no closing brace', '{"a":1'],
    ['a string that does not end', '{"a":"}'],
    ['a bracket that does not close', '{"a":[1}'],
    ['a bracket too many', '{"a":[1]]}'],
    ['a trailing comma', '{"a":1,}'],
    ['a missing value', '{"a":}'],
    ['a missing colon', '{"a" 1}'],
    ['a missing comma', '{"a":"b""c":1}'],
    ['a name without quotes', '{a:1}'],
    ['a name twice', '{"a":1,"a":1}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":1}'],
    ['a control character in a name', '{"a\n":1}'],
    ['an unknown escape in a name', '{"\\x":1}'],
    ['half a pair in a name', '{"\\ud800":1}'],
    ['invalid UTF-8 in a name', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('gives undefined for %s', (_name, text) => {
    expect(sliceMembers(Buffer.from(text))).toBeUndefined();
  });

  it('ends on any bytes whatsoever', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', ' ', '1', '\u0000');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const bytes = Buffer.from(`{"a":${pieces.join('')}`);
        for (const { start, end } of sliceMembers(bytes)?.values() ?? []) expect(end).toBeGreaterThan(start);
      }),
      { numRuns: 2000 },
    );
  });
});
