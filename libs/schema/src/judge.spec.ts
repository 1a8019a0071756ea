import type { JsonValue } from '#canonical';
import { type CompiledSchema, compileSchema } from './index.js';

const ANNOTATIONS = { identifier: '/id', sequence: 'offset', classification: 'public', legalBasis: 'test', retention: 'P1Y' };

function compiled(schema: object): CompiledSchema {
  const withId = { ...schema, properties: { id: {}, ...((schema as { properties?: object }).properties ?? {}) } };
  const result = compileSchema(JSON.stringify({ 'x-khidi': ANNOTATIONS, ...withId }));
  if (!result.ok) throw new Error(result.detail);
  return result.schema;
}

const told = (schema: object, record: unknown): string[] =>
  compiled(schema)
    .judge(record as JsonValue)
    .map(({ code, pointer, rule }) => (code === 'SCHEMA_VIOLATION' ? `${pointer} ${rule}` : code));

const LIST = { properties: { list: { type: 'array', items: { type: 'object', required: ['a', 'b'] } } } };

describe('members that objects inherit', () => {
  it('are not there', () => {
    expect(told({ required: ['toString', '__proto__', 'constructor', 'valueOf'] }, {})).toEqual([
      '/toString required',
      '/__proto__ required',
      '/constructor required',
      '/valueOf required',
    ]);
    expect(told({ properties: { toString: { type: 'string' } } }, {})).toEqual([]);
    expect(told({ dependentRequired: { toString: ['b'] } }, {})).toEqual([]);
  });

  it('are members like any other where a record has them', () => {
    const record = JSON.parse('{"__proto__":1,"toString":2}');
    expect(told({ additionalProperties: false }, record)).toEqual(['/* additionalProperties']);
    const schema = JSON.parse(
      '{"properties":{"__proto__":{"type":"string"},"toString":{"type":"string"}},"additionalProperties":false}',
    );
    const result = compileSchema(JSON.stringify({ ...schema, 'x-khidi': ANNOTATIONS, properties: undefined }));
    expect(result.ok).toBe(false); // no id declared
    expect(told({ patternProperties: { '^__proto__$': { type: 'string' } } }, record)).toEqual(['/* type']);
  });

  it('do not mislead comparisons', () => {
    const schema = { properties: { a: { const: { constructor: 1, valueOf: 'x' } }, l: { uniqueItems: true } } };
    expect(told(schema, { a: { valueOf: 'x', constructor: 1 }, l: [{ valueOf: 1 }, { valueOf: 2 }] })).toEqual([]);
    expect(
      told(schema, {
        a: {},
        l: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      }),
    ).toEqual(['/a const', '/l uniqueItems']);
  });
});

describe('a record that breaks several rules', () => {
  it('is told each, with its pointer', () => {
    const schema = {
      required: ['name', 'born'],
      additionalProperties: false,
      properties: { name: { type: 'string', minLength: 3, pattern: '^[A-Z]' }, list: { items: { maximum: 3 } }, born: {} },
    };
    expect(told(schema, { name: 'a', list: [1, 5, 2, 7], x: 1, y: 2 }).sort()).toEqual([
      '/* additionalProperties',
      '/born required',
      '/list/1 maximum',
      '/list/3 maximum',
      '/name minLength',
      '/name pattern',
    ]);
  });

  it('is told at most 50, however many there are', () => {
    const list = Array.from({ length: 200 }, () => ({}));
    expect(told(LIST, { list })).toHaveLength(50);
  });

  it('is told at least the first where looking for all would cost too much', () => {
    const list = Array.from({ length: 200_000 }, () => ({}));
    const faults = told(LIST, { list });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThanOrEqual(50);
  });
});

describe('names that only the record knows', () => {
  const canary = 'canary-79912310014';

  it.each<[string, object, unknown, string[]]>([
    ['of members too many', { additionalProperties: false }, { [canary]: 1 }, ['/* additionalProperties']],
    ['under additionalProperties', { additionalProperties: { type: 'string' } }, { [canary]: 1 }, ['/* type']],
    [
      'in the middle of a way',
      { additionalProperties: { properties: { n: { type: 'string' } }, required: ['m'] } },
      { [canary]: { n: 1 } },
      ['/*/m required', '/*/n type'],
    ],
    ['under patternProperties', { patternProperties: { '^canary': { type: 'string' } } }, { [canary]: 1 }, ['/* type']],
    ['judged by propertyNames', { propertyNames: { maxLength: 5 } }, { [canary]: 1 }, ['/* maxLength', '/* propertyNames']],
    [
      'not evaluated',
      { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
      { [canary]: 1 },
      ['/* unevaluatedProperties'],
    ],
    [
      'that look like places in a list',
      { properties: { a: { additionalProperties: { type: 'string' } } } },
      { a: { 7: 1 } },
      ['/a/* type'],
    ],
    [
      'declared elsewhere',
      { properties: { b: { properties: { [canary]: {} } } }, additionalProperties: false },
      { [canary]: 1 },
      ['/* additionalProperties'],
    ],
  ])('never stand in a pointer: %s', (_, schema, record, expected) => {
    const faults = told(schema, record);
    expect(faults.sort()).toEqual(expected);
    expect(faults.join()).not.toContain(canary);
  });

  it('are shown where properties names them, through references and branches', () => {
    const schema = {
      $defs: { person: { properties: { 'a/b': { type: 'string' } } } },
      properties: { p: { allOf: [{ $ref: '#/$defs/person' }] }, l: { prefixItems: [{ $ref: '#/$defs/person' }] } },
    };
    expect(told(schema, { p: { 'a/b': 1 }, l: [{ 'a/b': 1 }] })).toEqual(['/p/a~1b type', '/l/0/a~1b type']);
  });
});

describe('formats', () => {
  it.each<[string, string[], string[]]>([
    ['date', ['2099-02-28', '2104-02-29'], ['2099-02-29', '2099-13-01', '99-01-01', '2099-1-1', '２０９９-01-01']],
    [
      'date-time',
      ['2099-01-01T00:00:00Z', '2099-12-31T23:59:60Z', '2099-01-01t10:00:00.5+04:00'],
      ['2099-01-01 00:00:00Z', '2099-01-01T24:00:00Z', '2099-01-01T00:00:00', '2099-01-01T10:59:60Z'],
    ],
    ['email', ['a.b@example.org', '"a b"@example.org', 'a@[127.0.0.1]'], ['a', 'a@', '@b', 'a b@c.d', 'a..b@c.d', 'a@-c.d']],
    ['uri', ['https://e.org/a?b#c', 'urn:x:y', 'http://[::1]:80/'], ['/a', 'http://a b', 'http://e.org/\\', 'http://e:x/']],
    ['uuid', ['2eb8aa08-aa98-11ea-b4aa-73b441d16380'], ['2eb8aa08aa9811eab4aa73b441d16380']],
    ['hostname', ['e.org', 'xn--4gbwdl.xn--wgbh1c'], ['-e.org', 'e..org', 'e.org.', `${'a'.repeat(64)}.org`]],
    ['duration', ['P1Y', 'PT1M', 'P2W'], ['P', 'PT', 'P1Y2W', '1Y']],
    ['idn-email', ['ნინო@მაგალითი.გე'.replace('მაგალითი.გე', 'example.org')], ['ნინო']],
    ['uri-template', ['/a/{id}{?x,y*}'], ['/a/{id', '/a/{}']],
    ['json-pointer', ['', '/a~0b'], ['a', '/~2']],
  ])('%s is asserted', (format, right, wrong) => {
    const schema = compiled({ properties: { v: { format } } });
    expect(right.filter((v) => schema.judge({ v }).length > 0)).toEqual([]);
    expect(wrong.filter((v) => schema.judge({ v }).length === 0)).toEqual([]);
  });
});

describe('numbers and lengths', () => {
  it('are multiples as decimals, not as doubles', () => {
    expect(told({ properties: { v: { multipleOf: 0.01 } } }, { v: 0.29 })).toEqual([]);
    expect(told({ properties: { v: { multipleOf: 0.01 } } }, { v: 0.295 })).toEqual(['/v multipleOf']);
    expect(told({ properties: { v: { multipleOf: 1e-8 } } }, { v: 12391239123 })).toEqual([]);
    expect(told({ properties: { v: { multipleOf: 3 } } }, { v: 1e300 })).toEqual(['/v multipleOf']);
  });

  it('are counted in characters', () => {
    const schema = compiled({ properties: { v: { minLength: 2, maxLength: 3 } } });
    expect(['😀', '😀😀', '😀😀😀', '😀😀😀😀', 'abcd', 'ab'].map((v) => schema.judge({ v }).length)).toEqual([1, 0, 0, 1, 1, 0]);
  });
});

describe('contains that no array can satisfy', () => {
  it('refuses arrays beside a tuple too, which ajv forgets', () => {
    const schema = {
      properties: { list: { contains: { type: 'null' }, maxContains: 0, prefixItems: [true, { maxLength: 3 }] } },
    };
    expect([told(schema, { list: [null] }), told(schema, { list: 'none' })]).toEqual([['/list not'], []]);
  });

  it('counts beside a tuple, where ajv overwrites what it found', () => {
    const schema = { properties: { list: { contains: { minItems: 2 }, prefixItems: [{ minItems: 1 }] } } };
    expect([told(schema, { list: [] }), told(schema, { list: [[1, 2]] })]).toEqual([['/list contains'], []]);
  });
});

describe('the identifier', () => {
  it.each<[unknown, string | undefined]>([
    [{ id: 'X' }, 'X'],
    [{ id: '' }, undefined],
    [{ id: 1 }, undefined],
    [{}, undefined],
    [[], undefined],
    ['id', undefined],
    [null, undefined],
  ])('of %j is %s', (record, expected) => {
    expect(compiled({}).identifierOf(record as JsonValue)).toBe(expected);
  });
});
