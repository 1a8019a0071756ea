import fc from 'fast-check';
import { meter } from '../meter.js';
import { isLinear } from './linear.js';
import { matcherOf } from './matcher.js';
import { PatternSyntax, readPattern } from './syntax.js';

beforeEach(() => {
  meter.left = Number.POSITIVE_INFINITY;
});

/** Patterns with the texts that they are asked about besides random ones. */
const PATTERNS: readonly [string, ...string[]][] = [
  ['^[0-9]{11}$', '79912310014', '7991231001', '799123100140'],
  ['^(EE-[1-8][0-9]{10}|A(M-[1-9][0-9]{9}|Z-[0-9A-HJ-NP-Z]{7}))$', 'EE-79912310014', 'AZ-5ABCDE7', 'AZ-5ABCDEI'],
  ['^\\S+( \\S+)*$', 'a b', ' a', 'a  b', 'a\u00a0b', 'მთა ბარი'],
  ["^[\\p{L}\\p{M}]+([ '’-][\\p{L}\\p{M}]+)*$", 'Oʻktam', 'Ülo-Märt', 'Արամ Մ', 'a1'],
  ['^https?://', 'https://example.org', 'htt://x', ' http://'],
  ['a|b', 'xxb', 'c'],
  ['^a|b$', 'ax', 'xb', 'xa'],
  ['(a+)+$', 'aaaa', 'aaab'],
  ['^(a|a)*$', 'aaaa', 'aab'],
  ['^.{1,4000}$', 'x'.repeat(4000), 'x'.repeat(4001), 'a\nb', 'a\u2028b'],
  ['\\bfoo\\b', 'a foo b', 'afoo'],
  ['^[^a-z\\s]*$', 'ABC', 'a', '\u3000'],
  ['^\\u{1F600}+$', '😀😀', '😀x'],
  ['^\\ud83d\\ude00$', '😀'],
  ['^[\\w.-]+@[\\w-]+\\.[\\w.-]+$', 'a.b@c.d', 'a@b'],
  ['^\\cJ\\x41[\\b]$', '\nA\b'],
  ['^(?<year>\\d{4})-(?:0[1-9]|1[0-2])$', '2099-12', '2099-13'],
  ['[]', ''],
  ['[^]', '\n', ''],
  ['', ''],
  ['^$', '', 'a'],
  ['x*', 'yyy'],
  ['^(?!admin)[a-z]+$', 'admins', 'root'],
  ['^(?=.*[0-9])(?!.*bad).{3,}$', 'abc1', 'bad1', 'abc'],
  ['^(x?y?){3}$', 'xyxy', 'xxx', 'yx'],
];

describe('when a pattern of ECMA-262 is asked', () => {
  it.each(PATTERNS)('answers like the platform: %s', (pattern, ...texts) => {
    const matcher = matcherOf(pattern);
    const platform = new RegExp(pattern, 'u');
    for (const text of texts) expect([text, matcher.test(text)]).toEqual([text, platform.test(text)]);
    fc.assert(
      fc.property(fc.stringMatching(/^[ab xyz0-9A-Z\n.@-]{0,12}$/), (text) => matcher.test(text) === platform.test(text)),
      { numRuns: 50 },
    );
  });
});

describe('when a pattern escapes what needs no escape', () => {
  it.each([
    ['^\\@[\\w\\-\\.]+\\:$', '@a-b.c:'],
    ['^a\\_b\\"$', 'a_b"'],
  ])('reads it as older engines do: %s', (pattern, text) => {
    expect(matcherOf(pattern).test(text)).toBe(true);
  });
});

describe('when a pattern would take more than linear time on the platform', () => {
  const evil = ['(a+)+$', '^(a|a)*$', '^(a?){20}a{20}$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)*=', '^(a*)*$', '\\s+$'];
  it.each(evil)('does not run there: %s', (pattern) => {
    expect(isLinear(readPattern(pattern))).toBe(false);
  });

  it.each(evil)('still ends soon: %s', (pattern) => {
    const started = performance.now();
    matcherOf(pattern).test(`${'a'.repeat(20_000)}!`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('when a pattern is deterministic', () => {
  it.each([
    '^[0-9]{11}$',
    '^\\S+( \\S+)*$',
    '^https?://',
    '^[a-z]+([-.][a-z]+)*$',
    '[0-9]{4}',
    '^.{1,4000}$',
    '^[A-Z]{2}-[0-9]{3}$',
  ])('is known to be linear: %s', (pattern) => {
    expect(isLinear(readPattern(pattern))).toBe(true);
  });
});

describe('when a pattern cannot be done in linear time', () => {
  it.each(['(a)\\1', '^a(?=b)', '(?<=a)b', '(?<n>a)\\k<n>', '((a{0,100}){0,100}){0,100}', '(', '\\p{Nonsense}'])(
    'is refused: %s',
    (pattern) => {
      expect(() => matcherOf(pattern)).toThrow(PatternSyntax);
    },
  );
});
