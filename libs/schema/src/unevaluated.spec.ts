import { compileDocumentSchema } from './compile.js';

type Schema = { readonly [keyword: string]: unknown };

const open = (names: readonly string[], more: Schema = {}): Schema => ({
  properties: Object.fromEntries(names.map((name) => [name, true])),
  ...more,
});
const needs = (name: string, also: readonly string[] = []): Schema => open([name, ...also], { required: [name] });
const closed = (more: Schema): Schema => ({ ...more, unevaluatedProperties: false });
const full = (more: Schema): Schema => ({ ...more, unevaluatedItems: false });

function accepts(schema: Schema, value: unknown, draft = '2020-12'): boolean {
  const $schema = `https://json-schema.org/draft/${draft}/schema`;
  const result = compileDocumentSchema(JSON.stringify({ $schema, ...schema }));
  if (!result.ok) throw new Error(result.detail);
  return result.schema.judge(value as never).length === 0;
}

describe('members that nothing looked at', () => {
  it.each<[string, Schema, object[], object[]]>([
    [
      'anyOf counts each branch that holds',
      { anyOf: [needs('a', ['x']), needs('b')] },
      [
        { a: 1, x: 1 },
        { a: 1, b: 1 },
      ],
      [{ b: 1, x: 1 }],
    ],
    ['oneOf counts the one that holds', { oneOf: [needs('a'), needs('b', ['x'])] }, [{ b: 1, x: 1 }], [{ a: 1, x: 1 }]],
    ['not counts nothing', { not: { not: open(['a']) } }, [{}], [{ a: 1 }]],
    ['if counts what it looked at, without then', { if: needs('a') }, [{ a: 1 }], [{ b: 1 }]],
    ['else counts where if does not hold', { if: needs('a'), else: open(['b']) }, [{ b: 1 }, { a: 1 }], [{ a: 1, b: 1 }]],
    [
      'dependentSchemas count with their member',
      { ...open(['a']), dependentSchemas: { a: open(['b']) } },
      [{ a: 1, b: 1 }],
      [{ b: 1 }],
    ],
    [
      'patterns count in branches that hold only',
      { anyOf: [{ required: ['a'], patternProperties: { '^x': true } }, {}], properties: { a: true } },
      [{ a: 1, x1: 1 }],
      [{ x1: 1 }],
    ],
    [
      'a branch that is closed itself has looked at all',
      { anyOf: [closed(open(['a'])), needs('b')] },
      [{ a: 1 }],
      [{ b: 1, c: 1 }],
    ],
    [
      'a schema for the rest of a branch has looked at all',
      { anyOf: [{ additionalProperties: { type: 'number' } }, {}] },
      [{ c: 1 }],
      [{ c: 'x' }],
    ],
    ['what every object has from birth is nobody’s member', open(['a']), [{}], [{ constructor: 1 }, { toString: 1 }]],
  ])('%s', (_, schema, good, bad) => {
    expect([...good, ...bad].map((value) => accepts(closed(schema), value))).toEqual([
      ...good.map(() => true),
      ...bad.map(() => false),
    ]);
  });

  it('are judged by a schema, too', () => {
    const schema = { ...open(['a']), unevaluatedProperties: { type: 'number' } };
    expect([accepts(schema, { a: 'x', b: 1 }), accepts(schema, { a: 'x', b: 'x' })]).toEqual([true, false]);
  });
});

describe('items that nothing looked at', () => {
  it.each<[string, Schema, unknown[][], unknown[][]]>([
    ['contains counts the items that it accepts', { contains: { type: 'string' } }, [['a', 'b']], [['a', 1]]],
    ['a tuple and contains count together', { prefixItems: [true], contains: { type: 'string' } }, [[1, 'a']], [[1, 'a', 2]]],
    [
      'a branch that does not hold counts nothing',
      { anyOf: [{ prefixItems: [{ type: 'string' }, true] }, {}] },
      [['a', 1]],
      [[1]],
    ],
    [
      'then counts with if',
      // biome-ignore lint/suspicious/noThenProperty: the name of a JSON Schema keyword
      { if: { prefixItems: [{ const: 'a' }] }, then: { prefixItems: [true, true] } },
      [['a', 1]],
      [
        ['b', 1],
        ['a', 1, 2],
      ],
    ],
    [
      'items in a branch has looked at all',
      { oneOf: [{ items: { type: 'number' } }, { contains: { type: 'string' } }] },
      [[1, 2], ['a']],
      [['a', 1]],
    ],
  ])('%s', (_, schema, good, bad) => {
    expect([...good, ...bad].map((value) => accepts(full(schema), value))).toEqual([
      ...good.map(() => true),
      ...bad.map(() => false),
    ]);
  });

  it('include those that contains accepts, in draft 2019-09', () => {
    const schema = full({ contains: { type: 'string' } });
    expect([accepts(schema, ['a']), accepts(schema, ['a'], '2019-09')]).toEqual([true, false]);
  });
});

describe('what ajv’s own account got wrong', () => {
  it('let a member pass that only a branch that fails had looked at', () => {
    const branch = { allOf: [false], dependentSchemas: { a: true }, oneOf: [open(['b'], { unevaluatedItems: false })] };
    expect(accepts(closed({ anyOf: [branch, {}] }), { b: 'a' })).toBe(false);
  });

  it('threw where a pattern stood beside a branch that never looks at members', () => {
    const schema = { oneOf: [closed(open(['b', 'x1'])), true], patternProperties: { '^x': { minimum: 1 } } };
    expect([accepts(closed(schema), { x1: 1 }), accepts(closed(schema), { x1: 0 })]).toEqual([false, false]);
  });

  it('is bounded where branches nest in branches', () => {
    const deep = (levels: number): unknown => (levels === 0 ? {} : { a: deep(levels - 1) });
    const node = closed({ anyOf: [{ properties: { a: { $ref: '#/$defs/node' } }, required: ['a'] }, {}] });
    const schema = { $ref: '#/$defs/node', $defs: { node } };
    expect(accepts(schema, deep(30))).toBe(true); // judged twice at every level it would cost more than one record may
  });
});
