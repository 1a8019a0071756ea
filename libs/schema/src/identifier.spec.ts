import type { JsonValue } from '#canonical';
import { compileSchema, judgeRecord } from './index.js';

const ANNOTATIONS = { identifier: '/id', sequence: 'offset', classification: 'personal', legalBasis: 'test', retention: 'P1Y' };

function compiled(fields: object, more: object = {}) {
  const schema = { 'x-khidi': ANNOTATIONS, type: 'object', properties: { id: { type: 'string' }, ...fields }, ...more };
  return compileSchema(JSON.stringify(schema));
}

function verdict(fields: object, record: object, more: object = {}) {
  const result = compiled(fields, more);
  if (!result.ok) throw new Error(result.detail);
  const { faults, warnings } = result.schema.verdict({ id: 'P', ...record } as JsonValue);
  const told = (list: typeof faults) => list.map(({ code, pointer, rule }) => [code, pointer, rule].filter(Boolean).join(' '));
  return { faults: told(faults), warnings: told(warnings) };
}

const number = (keyword: object) => ({ number: { type: 'string', 'x-khidi-identifier': keyword } });
const CLEAN = { faults: [], warnings: [] };

describe('when a schema names the scheme of an identifier', () => {
  it('rejects with its own fault where the scheme enforces', () => {
    expect(verdict(number({ scheme: 'kz.iin' }), { number: '991231500016' })).toEqual(CLEAN);
    expect(verdict(number({ scheme: 'kz.iin' }), { number: '991231500017' })).toEqual({
      faults: ['IDENTIFIER_CHECK_DIGIT /number x-khidi-identifier'],
      warnings: [],
    });
    expect(verdict(number({ scheme: 'kz.iin' }), { number: 'x' }).faults).toEqual(['IDENTIFIER_FORM /number x-khidi-identifier']);
  });

  it('warns with code and pointer where the scheme only warns, each time anew', () => {
    const doubtful = { number: '53112990010015' };
    for (const _ of [1, 2])
      expect(verdict(number({ scheme: 'uz.pinfl' }), doubtful)).toEqual({
        faults: [],
        warnings: ['IDENTIFIER_CHECK_DIGIT /number'],
      });
    expect(verdict(number({ scheme: 'uz.pinfl', policy: 'enforce' }), doubtful).faults).toHaveLength(1);
    expect(verdict(number({ scheme: 'uz.pinfl', policy: 'off' }), doubtful)).toEqual(CLEAN);
  });

  it('chooses the scheme by prefix, and asks nothing of other texts', () => {
    const keyword = [
      { scheme: 'ee.isikukood', prefix: 'EE-' },
      { scheme: 'kz.iin', prefix: 'KZ-', policy: 'warn' },
    ];
    expect(verdict(number(keyword), { number: 'EE-79912310014' })).toEqual(CLEAN);
    expect(verdict(number(keyword), { number: 'EE-79912310015' }).faults).toHaveLength(1);
    expect(verdict(number(keyword), { number: 'KZ-991231500017' }).warnings).toHaveLength(1);
    expect(verdict(number(keyword), { number: 'TJ-1' })).toEqual(CLEAN);
    expect(verdict(number(keyword), { number: 17 }).faults).toEqual(['SCHEMA_VIOLATION /number type']);
  });

  it('tells the place in lists, and never a name that the schema does not declare', () => {
    const item = { type: 'string', 'x-khidi-identifier': { scheme: 'uz.pinfl' } };
    const fields = { list: { items: { $ref: '#/$defs/n' } }, map: { additionalProperties: { $ref: '#/$defs/n' } } };
    const doubtful = '53112990010015';
    expect(
      verdict(fields, { list: ['53112990010014', doubtful], map: { secret: doubtful } }, { $defs: { n: item } }).warnings,
    ).toEqual(['IDENTIFIER_CHECK_DIGIT /list/1', 'IDENTIFIER_CHECK_DIGIT /map/*']);
  });

  it('asks below then and else, where the answer counts', () => {
    const more = {
      if: { properties: { kind: { const: 'a' } } },
      // biome-ignore lint/suspicious/noThenProperty: the name of a JSON Schema keyword
      then: { properties: { value: { 'x-khidi-identifier': { scheme: 'lei' } } } },
    };
    expect(verdict({}, { kind: 'a', value: 'x' }, more).faults).toEqual(['IDENTIFIER_FORM /value x-khidi-identifier']);
    expect(verdict({}, { kind: 'b', value: 'x' }, more)).toEqual(CLEAN);
  });

  it('gives no warnings beside faults', () => {
    const fields = { ...number({ scheme: 'uz.pinfl' }), other: { type: 'string' } };
    expect(verdict(fields, { number: '53112990010015', other: 1 })).toEqual({
      faults: ['SCHEMA_VIOLATION /other type'],
      warnings: [],
    });
  });
});

describe('when our keywords are misused', () => {
  it.each<[string, object]>([
    ['an unknown scheme', number({ scheme: 'xx' })],
    ['an inherited name', number({ scheme: 'toString' })],
    ['an unknown policy', number({ scheme: 'lei', policy: 'maybe' })],
    ['an unknown member', number({ scheme: 'lei', country: 'EE' })],
    ['an empty list', number([])],
    ['a prefix that hides another', number([{ scheme: 'lei' }, { scheme: 'kz.iin', prefix: 'KZ-' }])],
    ['a misspelt keyword', { number: { 'x-khidi-identifer': { scheme: 'lei' } } }],
    ['an unknown classification', { number: { 'x-khidi-classification': 'secret' } }],
    ['a law without anything', { number: { 'x-khidi-law': {} } }],
    ['a retention that is no duration', { number: { 'x-khidi-law': { retention: '10 years' } } }],
    ['a text in no language', { number: { 'x-khidi-text': { russian: { title: 'Имя' } } } }],
    ['an empty translation', { number: { 'x-khidi-text': { ru: {} } } }],
    ['an identifier below anyOf', { number: { anyOf: [{ 'x-khidi-identifier': { scheme: 'lei' } }] } }],
    ['an identifier below not, behind a reference', { number: { not: { $ref: '#/$defs/n' } } }],
  ])('%s is refused', (_, fields) => {
    expect(compiled(fields, { $defs: { n: { items: { 'x-khidi-identifier': { scheme: 'lei' } } } } })).toMatchObject({
      ok: false,
    });
  });

  it('says where', () => {
    expect(compiled({ number: { 'x-khidi-classification': 'secret' } })).toMatchObject({
      faults: [
        {
          code: 'SCHEMA_INVALID',
          pointer: '/properties/number/x-khidi-classification',
          rule: 'x-khidi-classification',
        },
      ],
    });
  });

  it('well-formed annotations change no verdict', () => {
    const field = {
      type: 'string',
      'x-khidi-classification': 'special',
      'x-khidi-law': { basis: 'Act, section 2', retention: 'P75Y' },
      'x-khidi-text': { ru: { title: 'Имя', description: 'Как в свидетельстве' }, 'uz-Cyrl': { title: 'Исм' } },
    };
    expect(verdict({ name: field }, { name: 'A' })).toEqual(CLEAN);
  });
});

describe('the bytes of a record', () => {
  const result = compiled(number({ scheme: 'uz.pinfl' }), { required: ['number'] });
  if (!result.ok) throw new Error(result.detail);
  const schema = {
    verdict: (v: JsonValue) => result.schema.verdict(v),
    identifierOf: (v: JsonValue) => result.schema.identifierOf(v),
    identifier: '/id',
  };
  const judge = (text: string, isWithdrawal = false) => judgeRecord(Buffer.from(text), schema, isWithdrawal);

  it('are accepted with their canonical form, identifier and warnings', () => {
    expect(judge('{ "number":"53112990010015", "id":"P" }')).toEqual({
      faults: [],
      warnings: [{ code: 'IDENTIFIER_CHECK_DIGIT', pointer: '/number' }],
      identifier: 'P',
      canonical: Buffer.from('{"id":"P","number":"53112990010015"}'),
    });
  });

  it('are refused for their JSON, their rules, and a missing identifier', () => {
    expect(judge('{"id":1,').faults).toMatchObject([{ code: 'JSON_SYNTAX' }]);
    expect(judge('[]').faults).toEqual([{ code: 'SCHEMA_VIOLATION', pointer: '', rule: 'type' }]);
    expect(judge('{}').faults.map(({ code }) => code)).toEqual(['SCHEMA_VIOLATION', 'SCHEMA_IDENTIFIER_MISSING']);
    expect(judge('{"id":"P","number":"5"}').faults).toMatchObject([{ code: 'IDENTIFIER_FORM', pointer: '/number' }]);
  });

  it('of a withdrawal have the identifier and nothing else', () => {
    expect(judge('{"id":"P"}', true).faults).toEqual([]);
    expect(judge('{"id":"P","number":"5"}', true).faults).toMatchObject([{ rule: 'additionalProperties', pointer: '/*' }]);
  });
});
