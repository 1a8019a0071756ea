import type { JsonValue } from '#canonical';
import { compileSchema } from './index.js';

const ANNOTATIONS = { identifier: '/id', sequence: 'offset', classification: 'public', legalBasis: 'test', retention: 'P1Y' };

function judge(schema: object, record: unknown): { codes: string[]; milliseconds: number } {
  const result = compileSchema(JSON.stringify({ 'x-khidi': ANNOTATIONS, ...schema }));
  if (!result.ok) throw new Error(result.detail);
  const began = process.cpuUsage().user;
  const codes = result.schema.judge(record as JsonValue).map(({ code }) => code);
  return { codes: [...new Set(codes)], milliseconds: (process.cpuUsage().user - began) / 1000 };
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const nested = (depth: number): unknown => (depth === 0 ? 'x' : { a: nested(depth - 1) });
const ID = { id: {} };

/** Schemas and records of at most 640 KiB that would cost seconds to centuries without a meter. */
const BOMBS: readonly [string, object, unknown][] = [
  [
    'branches that double at each level',
    { properties: { ...ID, a: { anyOf: [{ $ref: '#' }, { $ref: '#' }] } }, type: 'object' },
    nested(31),
  ],
  [
    'references that double at each level',
    {
      $defs: Object.fromEntries(
        times(40, (i) => [
          `d${i}`,
          i === 39 ? { type: 'object' } : { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
        ]),
      ),
      properties: ID,
      $ref: '#/$defs/d0',
    },
    {},
  ],
  [
    'many rules for many items',
    { properties: { ...ID, l: { items: { allOf: times(100, (i) => ({ not: { const: `n${i}` } })) } } } },
    { l: times(100_000, () => 'x') },
  ],
  [
    'many patterns for many names',
    { properties: ID, patternProperties: Object.fromEntries(times(60, (i) => [`(x+x+)+${i}`, {}])) },
    Object.fromEntries(times(30_000, (i) => [`xxxxxxxx${i}`, 1])),
  ],
  [
    'a pattern with memory for a long text',
    { properties: { ...ID, t: { allOf: times(20, (i) => ({ pattern: `(x+x+)+y${i}` })) } } },
    { t: 'x'.repeat(600_000) },
  ],
  [
    'an evil pattern for a long text',
    { properties: { ...ID, t: { pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' } } },
    { t: 'a'.repeat(600_000) },
  ],
  [
    'every member looked at again and again',
    { properties: ID, allOf: times(150, () => ({ additionalProperties: { type: 'number' } })) },
    Object.fromEntries(times(60_000, (i) => [`k${i}`, 1])),
  ],
  [
    'a long list of objects that must differ',
    { properties: { ...ID, l: { uniqueItems: true } } },
    { l: times(100_000, (i) => ({ a: i })) },
  ],
  [
    'a long list without the item that it should contain',
    { properties: { ...ID, l: { contains: { uniqueItems: true, contains: { const: 1 } } } } },
    { l: times(50_000, () => [2, 3]) },
  ],
];

describe('a record that would cost too much', () => {
  it.each(BOMBS)('ends soon: %s', (_, schema, record) => {
    const { codes, milliseconds } = judge(schema, record);
    expect(['', 'SCHEMA_BUDGET_EXCEEDED', 'SCHEMA_VIOLATION']).toContain(codes.join());
    expect(milliseconds).toBeLessThan(3000); // seldom over 300; slow machines are let pass
  });

  it('is refused, the same way each time', () => {
    const [, schema, record] = BOMBS[0] ?? [];
    const [first, second] = [judge(schema ?? {}, record), judge(schema ?? {}, record)];
    expect(first.codes).toEqual(['SCHEMA_BUDGET_EXCEEDED']);
    expect(second.codes).toEqual(first.codes);
  });

  it('is not confused with a large one', () => {
    const large = { l: times(100_000, (i) => i) };
    expect(
      judge({ properties: { ...ID, l: { uniqueItems: true, items: { type: 'integer', minimum: 0 } } } }, large).codes,
    ).toEqual([]);
  });
});

describe('a record that nests deeper than any that is let in', () => {
  it('ends in a verdict', () => {
    const { codes } = judge({ properties: { ...ID, a: { $ref: '#' } }, type: 'object' }, nested(5000));
    expect(['SCHEMA_BUDGET_EXCEEDED', 'SCHEMA_VIOLATION']).toContain(codes[0]);
  });
});
