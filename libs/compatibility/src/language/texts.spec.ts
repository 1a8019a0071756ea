import { Fuel } from '../model/holds.js';
import { partsOf } from './dfa.js';
import { textsFor } from './texts.js';

const wish = (wanted: string[], unwanted: string[], more: object = {}) => ({
  wanted: wanted.map((text) => partsOf(text) ?? []),
  unwanted: unwanted.map((text) => partsOf(text) ?? []),
  excluded: [],
  min: 0,
  max: Number.POSITIVE_INFINITY,
  ...more,
});

/** The first texts, or what the walk said when there was none. */
function first(...args: Parameters<typeof wish>): string {
  const next = textsFor(wish(...args), new Fuel(1_000_000)).next();
  return next.done === true ? `(${next.value})` : next.value;
}

describe('when a text is looked for', () => {
  it('finds the shortest that has some patterns and not others', () => {
    expect(first(['^[0-9]{2}$'], ['^[0-8]*$'])).toMatch(/^[0-9]*9[0-9]*$/);
    expect(first(['b$', '^a'], ['^ab'])).toMatch(/^a(?!b).*b$/);
    expect(first(['^a*$'], [], { excluded: ['', 'a', 'aa'] })).toBe('aaa');
    expect(first(['^\\p{L}+$'], ['^[a-zA-Z]+$'])).toMatch(/^\p{L}+$/u);
    expect(first(['^(?=a)(?!ab)'], [], { min: 2 })).toMatch(/^a[^b]/);
  });

  it('is certain that there is none', () => {
    expect(first(['^a+$'], ['^a'])).toBe('(all)');
    expect(first(['^(a|b)*$'], ['^[ab]*$'])).toBe('(all)');
    expect(first(['^a{3}$'], [], { max: 2 })).toBe('(all)');
    expect(first(['^[\\ud800-\\udfff]$'], [])).toBe('(all)');
    expect(first(['^\\d+$'], ['^[0-9]*$'])).toBe('(all)');
  });

  it('says when it gave up', () => {
    expect(first(['^(.{0,30}a){10}$'], ['^(.{0,29}a){10}.?$'], { min: 200 })).toMatch(/gave up|a/);
    expect(partsOf('(a)\\1')).toBeUndefined();
    expect(partsOf('\\bword\\b')).toBeUndefined();
  });

  it('agrees with the engine of the platform', () => {
    const patterns = [
      '^a',
      'b$',
      'ab',
      '^a?b*$',
      '[^a]',
      '^(ab|ba)+$',
      '^.{1,2}$',
      '^$',
      'a.b',
      '^(a|$)',
      '(^|b)a',
      '^a{0,2}b{1}$',
    ];
    for (const wanted of patterns) {
      for (const unwanted of patterns) {
        const text = first([wanted], [unwanted], { max: 6 });
        if (text === '(all)') continue;
        expect([wanted, unwanted, new RegExp(wanted, 'u').test(text), new RegExp(unwanted, 'u').test(text)]).toEqual([
          wanted,
          unwanted,
          true,
          false,
        ]);
      }
    }
  });
});
