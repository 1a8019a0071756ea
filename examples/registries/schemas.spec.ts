import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonValue, parseStrict } from '#canonical';
import type { RecordType } from '#record';
import { projectSchema, schemaFolder } from './project-schema.js';

const TYPES = ['address.locality', 'organisation.public-body', 'population.person'] as RecordType[];

interface Place {
  readonly pointer: string | undefined;
  readonly rule: string | undefined;
}

interface Invalid {
  readonly record: JsonValue;
  readonly expect: readonly { readonly pointer: string; readonly rule: string }[];
}

function examples<T>(type: RecordType, kind: 'valid' | 'invalid'): [string, T][] {
  const folder = join(schemaFolder(type), 'examples', kind);
  return readdirSync(folder).map((file) => {
    const read = parseStrict(readFileSync(join(folder, file)));
    if (!read.ok) throw new Error(`${file}: ${read.code}`);
    return [file, read.value as T];
  });
}

describe.each(TYPES)('the schema of %s', (type) => {
  const schema = projectSchema(type);

  it('has annotations, and says in words what every field is', () => {
    expect(schema.annotations).toMatchObject({ identifier: '/id', sequence: 'offset', retention: expect.stringMatching(/^P/) });
    const text = JSON.parse(readFileSync(join(schemaFolder(type), '1.0.json'), 'utf8')) as Record<string, Record<string, object>>;
    expect(
      Object.entries(text.properties ?? {})
        .filter(([, field]) => !('title' in field))
        .map(([name]) => name),
    ).toEqual([]);
    expect(text).toMatchObject({ title: expect.any(String), description: expect.any(String), additionalProperties: false });
  });

  it.each(examples<JsonValue>(type, 'valid'))('accepts %s', (_, record) => {
    expect(schema.judge(record)).toEqual([]);
    expect(schema.identifierOf(record)).toEqual(expect.any(String));
  });

  it.each(examples<Invalid>(type, 'invalid'))(
    'rejects %s with exactly the faults that it names',
    (_, { record, expect: wanted }) => {
      const told = schema.judge(record);
      expect(told.map(({ code }) => code)).toEqual(wanted.map(() => 'SCHEMA_VIOLATION'));
      const byPlace = (a: Place, b: Place) => `${a.pointer} ${a.rule}`.localeCompare(`${b.pointer} ${b.rule}`);
      expect(told.map(({ pointer, rule }) => ({ pointer, rule })).sort(byPlace)).toEqual([...wanted].sort(byPlace));
    },
  );
});

describe('the schema of a person', () => {
  it('never says what a record says', () => {
    for (const [, { record }] of examples<Invalid>(TYPES[2] as RecordType, 'invalid')) {
      const said = JSON.stringify(projectSchema(TYPES[2] as RecordType).judge(record));
      for (const canary of ['iban', 'hour', 'maiden', 'Finland', 'Mar1', '5551234', 'XX']) expect(said).not.toContain(canary);
    }
  });
});
