import fc from 'fast-check';
import { canonicalize } from './canonicalize.js';
import { isCanonical } from './is-canonical.js';
import { parseStrict } from './parse-strict.js';

/** What the function promises, said slowly. */
function slowly(bytes: Uint8Array): boolean {
  const parsed = parseStrict(bytes);
  return parsed.ok && canonicalize(parsed.value).equals(bytes);
}

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    '',
    'a',
    'ab',
    'é',
    '\u0001',
    '\n',
    '"',
    '\\',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    'a\u{1f600}',
    'a\uff21',
    '10',
    '2',
  ),
);
const scalars = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { document } = fc.letrec((tie) => ({
  document: fc.oneof(
    { maxDepth: 4 },
    scalars,
    fc.array(tie('document'), { maxLength: 4 }),
    fc.dictionary(names, tie('document'), { maxKeys: 5 }),
  ),
}));

describe('when a text is in canonical form', () => {
  it('says so, whatever the text says', () => {
    fc.assert(
      fc.property(document, (value) => isCanonical(canonicalize(value))),
      { numRuns: 500 },
    );
  });

  it('says of every text near it what reading and writing it again says', () => {
    const fragments = fc.constantFrom(
      '"',
      '\\',
      '\\n',
      '\\u000a',
      '\\u0001',
      '\\u0061',
      '\\/',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      ' ',
      '0',
      '-',
      '-0',
      '.0',
      'e1',
      '1',
      '\u007f',
      'é',
    );
    const near = fc.tuple(document, fc.nat(), fc.nat(3), fragments).map(([value, place, removed, inserted]) => {
      const text = canonicalize(value).toString('utf8');
      const from = place % (text.length + 1);
      return Buffer.from(text.slice(0, from) + inserted + text.slice(from + removed));
    });
    fc.assert(
      fc.property(near, (bytes) => isCanonical(bytes) === slowly(bytes)),
      { numRuns: 1500 },
    );
  });

  it('says of objects in any order what writing them again says', () => {
    const members = fc.array(fc.tuple(names, fc.constantFrom('1', '{}', '"x"')), { maxLength: 5 });
    fc.assert(
      fc.property(members, (list) => {
        const bytes = Buffer.from(`{${list.map(([name, value]) => `${canonicalize(name).toString()}:${value}`).join(',')}}`);
        return isCanonical(bytes) === slowly(bytes);
      }),
      { numRuns: 800 },
    );
  });

  it('says of bytes that are not text what reading them says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => isCanonical(bytes) === slowly(bytes)),
      { numRuns: 800 },
    );
  });
});

describe('when a text is not in canonical form', () => {
  it.each([
    '',
    ' {}',
    '{} ',
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":1,}',
    '{"a" :1}',
    '[1,]',
    '01',
    '1.0',
    '1e2',
    '1E+21',
    '-0',
    '-',
    '+1',
    '.5',
    '9007199254740993',
    '1e400',
    'NaN',
    'Infinity',
    'truE',
    'nul',
    '"\\/"',
    '"\\u000A"',
    '"\\u000a"',
    '"\\u001F"',
    '"\\u007f"',
    '"\\ud800"',
    '"\u0001"',
    '"a',
    '{},"iss":"x"',
    '{}{}',
    `${'['.repeat(33)}${']'.repeat(33)}`,
  ])('refuses %j', (given) => {
    expect([isCanonical(Buffer.from(given)), slowly(Buffer.from(given))]).toEqual([false, false]);
  });

  it.each([
    '{}',
    '"\\u001f\\b\\t\\n\\f\\r\\"\\\\\u007f"',
    '1e+21',
    '-1.5',
    '0',
    '1e-7',
    '{"\\n":1,"10":2,"2":3,"😀":4,"ﬀ":5}',
    `${'['.repeat(32)}${']'.repeat(32)}`,
  ])('accepts %j', (given) => {
    expect([isCanonical(Buffer.from(given)), slowly(Buffer.from(given))]).toEqual([true, true]);
  });
});
