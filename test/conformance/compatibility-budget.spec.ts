import { Comparer, compareWithin, type Verdict } from '#compatibility';

// The thread runs what was built, so this is no unit spec. Each input is asked both ways, with half of the usual time.
const MILLISECONDS = 1_000;
/** What ending a thread and starting another may take beside the budget, on a machine that does other things. */
const GRACE = 8_000;
/** By the clock a question may take so many times its processor time. */
const PATIENCE = 10;

type Schema = object | boolean;
const several = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const mapOf = (count: number, of: (i: number) => unknown): object => Object.fromEntries(several(count, (i) => [`m${i}`, of(i)]));

const tower = (depth: number, text: string): Schema =>
  depth === 0 ? { pattern: `^${text}$` } : { anyOf: [tower(depth - 1, `${text}a`), tower(depth - 1, `${text}b`)] };
const choices = (count: number, limit: number): Schema => ({
  allOf: several(count, (i) => ({
    anyOf: [{ required: [`a${i}`] }, { properties: { [`b${i}`]: { maximum: limit } } }, { minProperties: i }],
  })),
});
const circle = (count: number, limit: number): Schema => ({
  $ref: '#/$defs/m0',
  $defs: mapOf(count, (i) => ({
    anyOf: [
      { properties: { n: { $ref: `#/$defs/m${(i + 1) % count}` }, m: { $ref: `#/$defs/m${(i * 3 + 1) % count}` } } },
      { items: { $ref: `#/$defs/m${(i * 5 + 2) % count}` }, maximum: limit },
    ],
  })),
});

const HOSTILE: readonly (readonly [name: string, a: Schema | string, b: Schema | string])[] = [
  ['anyOf towers', tower(10, ''), tower(10, 'x')],
  ['three choices to the power of thirty', choices(30, 5), choices(30, 4)],
  [
    'oneOf of sixty that overlap',
    { oneOf: several(60, (i) => ({ minimum: i })) },
    { oneOf: several(60, (i) => ({ multipleOf: i + 1 })) },
  ],
  ['circles of references of coprime lengths', circle(97, 5), circle(89, 5)],
  ['a schema that includes itself', { anyOf: [{ $ref: '#' }] }, { allOf: [{ $ref: '#' }] }],
  ['evil patterns', { pattern: '^(a+)+$' }, { pattern: '^(a|aa)*(b|a?){20}$' }],
  ['large patterns', { pattern: '^(.{0,40}a){20}$' }, { pattern: '^([ab]{0,39}.){21}$' }],
  ['10,000 levels', `${'{"not":'.repeat(10_000)}true${'}'.repeat(10_000)}`, true],
  [
    '200 levels',
    `${'{"not":'.repeat(200)}{"maximum":1}${'}'.repeat(200)}`,
    `${'{"not":'.repeat(200)}{"maximum":2}${'}'.repeat(200)}`,
  ],
  [
    '1 MB of enum',
    { enum: several(40_000, (i) => `value number ${i}`) },
    { enum: several(40_000, (i) => `value number ${i + 1}`) },
  ],
  [
    '2,000 members',
    { properties: mapOf(2_000, (i) => ({ maxLength: i })) },
    { properties: mapOf(2_000, (i) => ({ maxLength: i + 1 })) },
  ],
  ['enormous counts', { minItems: 4_000_000_000, uniqueItems: true }, { maxLength: 4_000_000_000, maxProperties: 0 }],
  [
    'numbers with enormous exponents',
    '{"multipleOf":1e-999999999,"maximum":1e999999999}',
    '{"multipleOf":1e-300,"maximum":1e300}',
  ],
  [
    'sixty patterns for names',
    { patternProperties: mapOf(60, (i) => ({ maximum: i })) },
    { patternProperties: mapOf(60, (i) => ({ minimum: i })) },
  ],
  ['__proto__ and duplicate names', '{"properties":{"__proto__":{"maximum":1}}}', '{"required":["__proto__"],"required":["a"]}'],
  ['a reference to somewhere else', { $ref: 'http://169.254.169.254/latest/meta-data' }, {}],
  ['no schema at all', 'nonsense', '\ud800'],
];

describe('when schemas are made to cost much', () => {
  const comparer = new Comparer({ milliseconds: MILLISECONDS, megabytes: 64 });
  afterAll(() => comparer.close());
  const textOf = (schema: Schema | string): string => (typeof schema === 'string' ? schema : JSON.stringify(schema));

  it.each(HOSTILE.map(([name, a, b]) => ({ name, a, b })))(
    '$name: an answer in time, and no crash',
    async ({ name, a, b }) => {
      for (const [earlier, candidate] of [
        [a, b],
        [b, a],
      ] as const) {
        const start = performance.now();
        const verdict = await comparer.compare({
          candidate: { text: textOf(candidate) },
          earlier: [{ text: textOf(earlier) }],
          level: 'BACKWARD',
        });
        const took = performance.now() - start;
        process.stdout.write(`hostile, ${name}: ${verdict.verdict}${whyOf(verdict)} in ${took.toFixed(0)} ms\n`);
        expect(took).toBeLessThan(MILLISECONDS * PATIENCE + GRACE);
        expect(['compatible', 'incompatible', 'undecided']).toContain(verdict.verdict);
      }
    },
    60_000,
  );

  it('goes on answering afterwards', async () => {
    const question = {
      candidate: { text: '{"maxLength":3}' },
      earlier: [{ text: '{"maxLength":2}' }],
      level: 'BACKWARD',
    } as const;
    expect((await comparer.compare(question)).verdict).toBe('compatible');
    expect(await compareWithin({ ...question, level: 'FORWARD' })).toMatchObject({ breaks: [{ witness: '"aaa"' }] });
  }, 60_000);

  it('is cut off where it takes longer than it may, and says so', async () => {
    const short = new Comparer({ milliseconds: 1 });
    const question = {
      candidate: { text: textOf(choices(30, 5)) },
      earlier: [{ text: textOf(choices(30, 4)) }],
      level: 'FULL',
    } as const;
    expect(await short.compare(question)).toMatchObject({
      verdict: 'undecided',
      undecided: [
        { direction: 'backward', code: 'BUDGET' },
        { direction: 'forward', code: 'BUDGET' },
      ],
    });
    await short.close();
  }, 60_000);
});

function whyOf(verdict: Verdict): string {
  return verdict.verdict === 'undecided' ? ` (${verdict.undecided[0]?.code})` : '';
}
