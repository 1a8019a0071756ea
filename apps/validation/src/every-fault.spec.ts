import fc from 'fast-check';
import type { FaultCode } from '#faults';
import type { MemberId, Membership, ReceivedRecord, RecordType, SubsystemId } from '#record';
import { createMetrics } from '#telemetry';
import { ingressRecord, memoryMarks, structuredRecord } from '#testkit';
import { RecordJudge } from './judge-records.js';
import { pseudonymKeys } from './keys/pseudonym-keys.js';
import { OriginSeals } from './origin-seals.js';
import { IngressTopics } from './steps/ingress-topics.js';
import { withoutDirectory } from './steps/member-standing.js';
import { FakeSchemas, personSchema } from './testing/fake-schemas.js';

const members = (...ids: string[]): Membership['members'] =>
  ids.map((id) => ({
    id: id as MemberId,
    name: '',
    subsystems: [`${id}/base-registry` as SubsystemId],
    publishes: ['population.person' as RecordType, 'address.locality' as RecordType],
  }));
const MEMBERSHIP: Membership = { operator: 'GE/GOV/0001' as MemberId, members: members('GE/GOV/7001', 'GE/GOV/7002') };
const schemas = new FakeSchemas();
schemas.known.set('population.person:1', personSchema());
schemas.known.set('population.person:2', { state: 'retired' });
schemas.known.set('population.person:3', { state: 'unusable' });
schemas.known.set('population.person:4', personSchema({ sequence: 'agency' }));
schemas.known.set('address.locality:1', personSchema());
const CANARY = 'Canary-Zx81';
const urn = (version: number, subject = 'population.person') => `urn:khidi:schema:${subject}:${version}`;

const keys = pseudonymKeys(Buffer.alloc(32, 7));
const metrics = createMetrics('validation');
const originSeals = new OriginSeals({ onChange: () => () => undefined }, () => new Date('2099-05-06T07:08:11Z'));
const topics = new IngressTopics(() => MEMBERSHIP);

async function judgeAll(records: readonly ReceivedRecord[]) {
  const now = () => new Date('2099-05-06T07:08:11Z');
  return new RecordJudge({
    topics,
    schemas,
    keys,
    marks: memoryMarks(),
    originSeals,
    standing: withoutDirectory,
    metrics,
    now,
  }).judge(records);
}

async function judge(record: ReceivedRecord) {
  const verdicts = await judgeAll([record]);
  expect(verdicts).toHaveLength(1);
  return verdicts[0];
}

/** `CODE /pointer` for a fault of an attribute, `CODE #/pointer` for one of the record. */
async function faultsOf(record: ReceivedRecord): Promise<string[]> {
  const verdict = await judge(record);
  expect(verdict?.kind).toBe('rejected');
  const faults = verdict?.kind === 'rejected' ? (verdict.outcome.outcome.faults ?? []) : [];
  return faults.map(({ code, pointer, rule }) => {
    if (pointer === undefined) return code;
    return rule === 'attribute' ? `${code} ${pointer}` : `${code} #${pointer}`;
  });
}

const attribute = (name: string, value: string | Buffer | readonly string[] | undefined) =>
  ingressRecord({ attributes: { [name]: value } });
const data = (value: unknown) => ingressRecord({ data: value });
const nested = (depth: number) => `{"id":"P","name":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const MISSING = ['specversion', 'id', 'source', 'type', 'time', 'dataschema'];

describe('each bad input gives exactly its faults', () => {
  it.each<[string, ReceivedRecord, string[]]>([
    // JSON
    ['no bytes', data(Buffer.alloc(0)), ['JSON_EMPTY']],
    ['invalid UTF-8', data(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), ['JSON_UTF8_INVALID']],
    ['a byte order mark', data('\ufeff{"id":"P","name":"A"}'), ['JSON_UTF8_INVALID']],
    ['no JSON', data('{"id":"P",}'), ['JSON_SYNTAX']],
    ['a member twice', data('{"id":"P","name":"A","n\\u0061me":"B"}'), ['JSON_DUPLICATE_MEMBER']],
    ['a number that would change', data('{"id":"P","name":9007199254740993}'), ['JSON_NUMBER_LOSSY']],
    ['half a pair', data('{"id":"P","name":"\\ud800"}'), ['JSON_SURROGATE_LONE']],
    ['33 levels', data(nested(32)), ['JSON_TOO_DEEP']],
    ['20,000 levels', data(nested(20_000)), ['JSON_TOO_DEEP']],
    ['more than 640 KiB', data({ id: 'P', name: 'x'.repeat(640 * 1024) }), ['JSON_TOO_LARGE']],
    [
      'a canonical form of more than 640 KiB',
      data(`{"id":"P","name":"A","born":"B","many":[${'1e20,'.repeat(100_000)}1]}`),
      ['SCHEMA_VIOLATION #/*', 'JSON_TOO_LARGE'],
    ],
    // the record against its schema
    ['a missing field', data({ id: 'P' }), ['SCHEMA_VIOLATION #/name']],
    ['two wrong fields', data({ id: 'P', name: 1, born: 2 }), ['SCHEMA_VIOLATION #/name', 'SCHEMA_VIOLATION #/born']],
    ['no object', data('[]'), ['SCHEMA_VIOLATION #']],
    ['no identifier', data({ name: 'A' }), ['SCHEMA_VIOLATION #/id']],
    ['an empty identifier', data({ id: '', name: 'A' }), ['SCHEMA_IDENTIFIER_MISSING #/id']],
    // the schema
    ['an unknown schema', attribute('dataschema', urn(9)), ['SCHEMA_UNKNOWN /dataschema']],
    ['a retired schema', attribute('dataschema', urn(2)), ['SCHEMA_RETIRED /dataschema']],
    ['a schema that cannot be applied', attribute('dataschema', urn(3)), ['SCHEMA_INVALID /dataschema']],
    ['a schema of another type', attribute('dataschema', urn(1, 'address.locality')), ['SCHEMA_SUBJECT_FOREIGN /dataschema']],
    ['a schema that numbers by agency', attribute('dataschema', urn(4)), ['EVENT_ATTRIBUTE_MISSING /sequence']],
    // attributes
    ...MISSING.map((name): [string, ReceivedRecord, string[]] => [
      `no ${name}`,
      attribute(name, undefined),
      [`EVENT_ATTRIBUTE_MISSING /${name}`],
    ]),
    ...MISSING.map((name): [string, ReceivedRecord, string[]] => [
      `${name} twice`,
      attribute(name, ['a', 'b']),
      [`EVENT_ATTRIBUTE_INVALID /${name}`],
    ]),
    ...[...MISSING, 'sequence'].map((name): [string, ReceivedRecord, string[]] => [
      `${name} that is no UTF-8`,
      attribute(name, Buffer.from([0x31, 0xff])),
      [`EVENT_ATTRIBUTE_INVALID /${name}`],
    ]),
    ['CloudEvents 0.3', attribute('specversion', '0.3'), ['EVENT_ATTRIBUTE_INVALID /specversion']],
    ['an empty id', attribute('id', ''), ['EVENT_ATTRIBUTE_INVALID /id']],
    ['an id of 257 characters', attribute('id', 'x'.repeat(257)), ['EVENT_ATTRIBUTE_INVALID /id']],
    ['an id with a control character', attribute('id', 'a\u0000b'), ['EVENT_ATTRIBUTE_INVALID /id']],
    ['an id with a hidden character', attribute('id', 'a\u202eb'), ['EVENT_ATTRIBUTE_INVALID /id']],
    ['a source without subsystem', attribute('source', '/GE/GOV/7001'), ['EVENT_ATTRIBUTE_INVALID /source']],
    ['a source of another member', attribute('source', '/GE/GOV/7002/base-registry'), ['EVENT_SOURCE_FOREIGN /source']],
    ['an unknown subsystem', attribute('source', '/GE/GOV/7001/other'), ['EVENT_SUBSYSTEM_UNKNOWN /source']],
    ['an operation that does not exist', attribute('type', 'population.person.deleted'), ['EVENT_ATTRIBUTE_INVALID /type']],
    ['a type of another topic', attribute('type', 'address.locality.created'), ['EVENT_TYPE_FOREIGN /type']],
    ['a day that does not exist', attribute('time', '2099-02-29T00:00:00Z'), ['EVENT_ATTRIBUTE_INVALID /time']],
    ['a dataschema of another form', attribute('dataschema', 'https://x.example/1'), ['EVENT_ATTRIBUTE_INVALID /dataschema']],
    ['a sequence that is no number', attribute('sequence', 'A1'), ['EVENT_ATTRIBUTE_INVALID /sequence']],
    ['a sequence beyond 2^53', attribute('sequence', '9007199254740993'), ['EVENT_ATTRIBUTE_INVALID /sequence']],
    ['no content type', attribute('datacontenttype', undefined), ['EVENT_CONTENT_TYPE /datacontenttype']],
    ['XML', attribute('datacontenttype', 'application/xml'), ['EVENT_CONTENT_TYPE /datacontenttype']],
    [
      'JSON in Latin-1',
      attribute('datacontenttype', 'application/json; charset=latin1'),
      ['EVENT_CONTENT_TYPE /datacontenttype'],
    ],
    // what is no event
    ['a tombstone', data(null), ['EVENT_TOMBSTONE']],
    ['a tombstone without headers', { ...data(null), headers: {} }, ['EVENT_TOMBSTONE']],
    ['a batch', attribute('datacontenttype', 'application/cloudevents-batch+json'), ['EVENT_BATCH_ON_KAFKA']],
    ['a structured mode of another format', attribute('datacontenttype', 'application/cloudevents+avro'), ['EVENT_CONTENT_TYPE']],
    [
      'a record without headers',
      { ...data({ id: 'P', name: 'A' }), headers: {} },
      [...MISSING.map((name) => `EVENT_ATTRIBUTE_MISSING /${name}`), 'EVENT_CONTENT_TYPE /datacontenttype'],
    ],
    // structured mode
    ['a structured event that is not JSON', structuredRecord({ event: '{"id":' }), ['JSON_SYNTAX']],
    ['a structured event that is no object', structuredRecord({ event: '[]' }), ['EVENT_ATTRIBUTE_MISSING']],
    ['a structured event with an attribute twice', structuredRecord({ event: '{"id":"a","id":"b"}' }), ['JSON_DUPLICATE_MEMBER']],
    [
      'a structured event without data',
      structuredRecord({ event: '{}' }),
      [...MISSING.map((name) => `EVENT_ATTRIBUTE_MISSING /${name}`), 'JSON_EMPTY'],
    ],
    [
      'a structured event with base64 data',
      structuredRecord({ attributes: { data_base64: 'e30=' } }),
      ['EVENT_ATTRIBUTE_INVALID /data_base64'],
    ],
    [
      'a structured event with a number as id',
      structuredRecord({ attributes: { id: 7 as never } }),
      ['EVENT_ATTRIBUTE_INVALID /id'],
    ],
    [
      'a structured event with null as time',
      structuredRecord({ attributes: { time: null as never } }),
      ['EVENT_ATTRIBUTE_MISSING /time'],
    ],
    [
      'structured data with a member twice',
      structuredRecord({ data: '{"id":"P","name":"A","name":"B"}' }),
      ['JSON_DUPLICATE_MEMBER'],
    ],
    [
      'a structured event with an extension that is not strict',
      structuredRecord({ event: `{"x":9007199254740993,${String(structuredRecord().value).slice(1)}` }),
      ['JSON_NUMBER_LOSSY /*'],
    ],
  ])('%s', async (_, record, faults) => {
    expect((await faultsOf(record)).sort()).toEqual(faults.sort());
  });

  it('finds what is wrong with the attributes, the schema and the record together', async () => {
    const record = ingressRecord({
      attributes: { id: '', time: 'yesterday', source: '/GE/GOV/7002/base-registry' },
      data: { id: 'P', name: 1, unknown: 2 },
    });
    expect(await faultsOf(record)).toEqual([
      'EVENT_ATTRIBUTE_INVALID /id',
      'EVENT_SOURCE_FOREIGN /source',
      'EVENT_ATTRIBUTE_INVALID /time',
      'SCHEMA_VIOLATION #/name',
      'SCHEMA_VIOLATION #/*',
    ]);
    expect(await faultsOf(ingressRecord({ attributes: { dataschema: urn(9) }, data: '{' }))).toEqual([
      'SCHEMA_UNKNOWN /dataschema',
      'JSON_SYNTAX',
    ]);
  });

  it('accepts a structured event with 32 levels of data, which are 33 of its own', async () => {
    expect(await faultsOf(structuredRecord({ data: nested(31) }))).toEqual(['SCHEMA_VIOLATION #/name']);
  });
});

describe('no value of a refused record is told', () => {
  const field = { id: CANARY, name: [CANARY], [CANARY]: CANARY };
  it.each<[string, ReceivedRecord]>([
    ['its fields, and their names', data(field)],
    ['a withdrawal', ingressRecord({ attributes: { type: 'population.person.withdrawn' }, data: field })],
    ['broken JSON', data(`{"id":"${CANARY}",`)],
    ['a subject', ingressRecord({ attributes: { subject: CANARY, sequence: CANARY, traceparent: CANARY }, data: '{' })],
    [
      'an unknown header, and the key',
      ingressRecord({ key: Buffer.from(CANARY), headers: { [CANARY]: Buffer.from(CANARY) }, data: '{' }),
    ],
    ...['id', 'source', 'type', 'time', 'dataschema', 'specversion', 'datacontenttype'].map((name): [string, ReceivedRecord] => [
      `an ill-formed ${name}`,
      attribute(name, `${CANARY}\u0007`),
    ]),
    ['a structured event', structuredRecord({ event: JSON.stringify({ [CANARY]: CANARY, id: [CANARY], data: field }) })],
    ['a structured event that is not JSON', structuredRecord({ event: `{"${CANARY}":${CANARY}` })],
  ])('%s', async (_, record) => {
    const verdict = await judge(record);
    expect(verdict?.kind).toBe('rejected');
    expect(JSON.stringify(verdict)).not.toContain(CANARY);
  });
});

describe('whatever comes', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  const value = fc.option(
    fc.oneof(
      bytes,
      fc.json().map((text) => Buffer.from(text)),
      fc.constant(ingressRecord().value),
      fc.constant(structuredRecord().value),
    ),
  );
  const contentType = fc.constantFrom(
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    '',
  );
  const usual = Object.entries(ingressRecord().headers) as [string, Buffer][];
  const headers = fc
    .tuple(
      contentType,
      fc.array(fc.tuple(fc.constantFrom(...usual.map(([name]) => name), '__proto__', 'x'), fc.oneof(bytes, fc.array(bytes)))),
      fc.boolean(),
    )
    .map(([type, own, withUsual]) =>
      Object.fromEntries([...(withUsual ? usual : []), ['content-type', Buffer.from(type)], ...own] as [string, Buffer][]),
    );

  const records = fc.array(
    fc
      .tuple(value, headers, fc.double())
      .map(([sent, sentHeaders, timestamp]) => ({ ...ingressRecord(), value: sent, headers: sentHeaders, timestamp })),
    { maxLength: 30 },
  );

  it('gives exactly one verdict for each record and never throws', async () => {
    const decided = new Set<FaultCode>();
    await fc.assert(
      fc.asyncProperty(records, async (sent) => {
        const verdicts = await judgeAll(sent.map((record, offset) => ({ ...record, offset: String(offset) })));
        const told = verdicts.map((verdict) => {
          if (verdict.kind === 'rejected') for (const { code } of verdict.outcome.outcome.faults ?? []) decided.add(code);
          return verdict.kind !== 'rejected' || verdict.outcome.outcome.faults?.length !== 0;
        });
        return told.length === sent.length && told.every(Boolean);
      }),
    );
    expect(decided.size).toBeGreaterThan(8);
  });
});
