import type { RecordType } from '#record';
import { SchemaCache, schemaDigest, schemaGuid, schemaKey } from '#schema';
import { createLogger } from '#telemetry';
import { RegisteredSchemas } from './registered-schemas.js';

const SUBJECT = 'population.person' as RecordType;
const annotations = {
  identifier: '/id',
  sequence: 'offset',
  classification: 'personal',
  legalBasis: 'Law on Civil Acts, §12',
  retention: 'P10Y',
};
const person = (more: object = {}) =>
  JSON.stringify({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { id: { type: 'string' }, name: { type: 'string' }, ...more },
    required: ['id'],
    'x-khidi': annotations,
  });

interface Stored {
  readonly subject?: string;
  readonly version?: number;
  readonly schema?: string;
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
  readonly digest?: string;
  readonly deleted?: boolean;
}

class FakeTable {
  readonly values = new Map<string, Buffer>();
  readonly listeners: ((key: string, value: Buffer | undefined) => void)[] = [];
  broken = false;

  get(key: string): Buffer | undefined {
    return this.values.get(key);
  }
  onChange(listener: (key: string, value: Buffer | undefined) => void): () => void {
    this.listeners.push(listener);
    return () => undefined;
  }
  async caughtUp(): Promise<void> {
    if (this.broken) throw new Error('canary: the table was closed');
  }
  put(key: string, value: string | undefined): void {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, Buffer.from(value));
    for (const listener of this.listeners) listener(key, this.values.get(key));
  }
  register(more: Stored = {}): string {
    const { subject = SUBJECT, version = 1, schema = person(), references = [], deleted = false } = more;
    const digests = references.map((r) => JSON.parse(String(this.get(schemaKey(r.subject, r.version)))).digest as string);
    const digest = more.digest ?? schemaDigest(schema, digests);
    const stored = { id: 1, subject, version, schemaType: 'JSON', schema, references, digest, deleted, ts: 0 };
    this.put(schemaKey(subject, version), JSON.stringify(stored));
    return digest;
  }
}

function setUp() {
  const table = new FakeTable();
  const lines: string[] = [];
  const log = createLogger('test', 'info', { write: (line) => lines.push(line) });
  const cache = new SchemaCache();
  const schemas = new RegisteredSchemas(table, cache, log);
  const find = (version = 1, subject = SUBJECT) => schemas.find({ subject, version });
  return { table, schemas, find, lines, cache };
}

describe('a registered schema', () => {
  it('is in force, judges, and has the same header for all records', () => {
    const { table, find } = setUp();
    const digest = table.register();
    const found = find();
    if (found.state !== 'in force') throw new Error('not in force');
    expect(found.schema.verdict({ id: 'P', name: 'A' })).toEqual({ faults: [], warnings: [] });
    expect(found.schema.verdict({ name: 1 }).faults).toHaveLength(2);
    expect(found.schema.identifierOf({ id: 'P' })).toBe('P');
    expect(found.schema).toMatchObject({ identifier: '/id', sequence: 'offset' });
    expect(JSON.parse(String(found.schema.header))).toEqual({
      law: { basis: annotations.legalBasis, classification: 'personal', retention: 'P10Y' },
      schema: { digest, subject: SUBJECT, version: 1 },
      sequence: 'offset',
    });
  });

  it('is known to the moment: registered, retired, gone', () => {
    const { table, find } = setUp();
    expect(find().state).toBe('unknown');
    table.register();
    expect(find().state).toBe('in force');
    table.register({ deleted: true });
    expect(find().state).toBe('retired');
    table.put(schemaKey(SUBJECT, 1), undefined);
    expect(find().state).toBe('unknown');
  });

  it('is compiled once for all versions with the same text', () => {
    const { table, find, cache } = setUp();
    table.register();
    table.register({ version: 2 });
    expect([find(1).state, find(2).state, cache.size]).toEqual(['in force', 'in force', 1]);
  });

  it('judges by what it refers to, through several steps', () => {
    const { table, find } = setUp();
    const draft = 'https://json-schema.org/draft/2020-12/schema';
    table.register({ subject: 'common.code', schema: JSON.stringify({ $schema: draft, type: 'string', maxLength: 2 }) });
    const code = [{ name: 'code.json', subject: 'common.code', version: 1 }];
    table.register({
      subject: 'common.address',
      schema: JSON.stringify({ $schema: draft, type: 'object', properties: { country: { $ref: 'code.json' } } }),
      references: code,
    });
    table.register({
      schema: person({ address: { $ref: 'address.json' } }),
      references: [{ name: 'address.json', subject: 'common.address', version: 1 }],
    });
    const found = find();
    if (found.state !== 'in force') throw new Error(found.state);
    expect(found.schema.verdict({ id: 'P', address: { country: 'GE' } }).faults).toEqual([]);
    expect(found.schema.verdict({ id: 'P', address: { country: 'GEO' } }).faults).toHaveLength(1);
  });

  it.each<[string, (table: FakeTable) => void]>([
    ['has another digest than it says', (table) => table.register({ digest: schemaDigest('other') })],
    ['cannot be compiled', (table) => table.register({ schema: '{"type":"nothing"}' })],
    ['has no annotations', (table) => table.register({ schema: '{"type":"object"}' })],
    ['is not what the registry writes', (table) => table.put(schemaKey(SUBJECT, 1), '{"schema":1}')],
    ['is not JSON', (table) => table.put(schemaKey(SUBJECT, 1), 'canary')],
    [
      'belongs to another key',
      (table) => {
        table.register({ version: 2 });
        table.put(schemaKey(SUBJECT, 1), String(table.get(schemaKey(SUBJECT, 2))));
      },
    ],
    [
      'refers to what is not there',
      (table) => {
        table.register({ subject: 'common.code', schema: '{"type":"string"}' });
        table.register({ references: [{ name: 'c', subject: 'common.code', version: 1 }] });
        table.put(schemaKey('common.code', 1), undefined);
      },
    ],
    [
      'refers to itself',
      (table) => {
        table.register();
        table.register({ references: [{ name: 'me', subject: SUBJECT, version: 1 }] });
      },
    ],
  ])('is unusable where it %s, which is reported once', (_, prepare) => {
    const { table, find, lines } = setUp();
    prepare(table);
    expect([find().state, find().state]).toEqual(['unusable', 'unusable']);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('canary');
  });
});

it('cannot say that nothing is missing while the topic cannot be read', async () => {
  const { table, schemas } = setUp();
  await expect(schemas.caughtUp()).resolves.toBeUndefined();
  table.broken = true;
  await expect(schemas.caughtUp()).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
});

describe('an id that the registry gave', () => {
  it('means the version of the record type: one in force before a retired one, and the one that was preferred before all', () => {
    const { table, schemas } = setUp();
    expect(schemas.named('id 1', SUBJECT)).toBe('unknown');
    table.register({ version: 1, deleted: true });
    expect(schemas.named('id 1', SUBJECT)).toEqual({ subject: SUBJECT, version: 1 });
    table.register({ version: 2 });
    expect(schemas.named('id 1', SUBJECT)).toEqual({ subject: SUBJECT, version: 2 });
    expect(schemas.named('id 1', SUBJECT, 1)).toEqual({ subject: SUBJECT, version: 1 });
    expect(schemas.named('id 1', 'vehicle.vehicle' as RecordType)).toBe('foreign');
    const guid = schemaGuid({ schema: person(), references: [] }).replaceAll('-', '');
    expect(schemas.named(`guid ${guid}`, SUBJECT)).toEqual({ subject: SUBJECT, version: 2 });
  });
});

it('is unusable once the content of a version that was in force changes: a version is pinned by its digest', () => {
  const { table, find, lines } = setUp();
  table.register();
  expect(find().state).toBe('in force');
  table.register({ schema: person({ more: { type: 'string' } }) });
  expect(find().state).toBe('unusable');
  expect(lines).toHaveLength(1);
});
