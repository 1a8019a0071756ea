import { canonicalize, sha256Base64url } from '#canonical';
import { act, firstKey, generateSealingKey, jtiOf, sealOrigin, softwareSigner, writeKeyRecord } from '#envelope';
import { FaultError, type FaultReport } from '#faults';
import type { MemberId, Membership, RecordType, SubsystemId, Verdict } from '#record';
import { createMetrics } from '#telemetry';
import { ingressRecord, memoryMarks, structuredRecord, TEST_ATTRIBUTES, type TestRecord } from '#testkit';
import { RecordJudge } from './judge-records.js';
import { pseudonymKeys } from './keys/pseudonym-keys.js';
import { OriginSeals } from './origin-seals.js';
import { IngressTopics } from './steps/ingress-topics.js';
import { type Standing, withoutDirectory } from './steps/member-standing.js';
import { FakeSchemas, personSchema } from './testing/fake-schemas.js';

const MEMBERSHIP: Membership = {
  operator: 'GE/GOV/0001' as MemberId,
  members: [
    {
      id: 'GE/GOV/7001' as MemberId,
      name: 'One',
      subsystems: ['GE/GOV/7001/base-registry' as SubsystemId],
      publishes: ['population.person' as RecordType],
    },
  ],
};
const PERSON = 'population.person:1';

/** A table of keys that are told by the test. */
function keyTable() {
  let tell: (key: string, value: Buffer | undefined) => void = () => undefined;
  const onChange = (listener: typeof tell) => {
    tell = listener;
    return () => undefined;
  };
  return { table: { onChange }, tell: (key: string, value: Buffer | undefined) => tell(key, value) };
}

function setUp(membership = MEMBERSHIP, standing: Standing = withoutDirectory) {
  const schemas = new FakeSchemas();
  schemas.known.set(PERSON, personSchema());
  const marks = memoryMarks();
  const metrics = createMetrics('validation');
  const keys = pseudonymKeys(Buffer.alloc(32, 7));
  const topics = new IngressTopics(() => membership);
  const { table, tell } = keyTable();
  const now = () => new Date('2099-05-06T07:08:11Z');
  const originSeals = new OriginSeals(table, now);
  const judge = new RecordJudge({ topics, schemas, keys, marks, originSeals, standing, metrics, now });
  return { judge, schemas, marks, metrics, keys, tell };
}

const kinds = (verdicts: readonly Verdict[]) => verdicts.map(({ kind }) => kind);
const outcomeOf = (verdict: Verdict | undefined) =>
  verdict !== undefined && 'outcome' in verdict ? verdict.outcome?.outcome : undefined;
const outputOf = (verdict: Verdict | undefined) => (verdict?.kind === 'accepted' ? verdict.outputs[0] : undefined);

describe('a record of a member that does not take part', () => {
  it('is rejected with that fault alone, and its id may be used once the member takes part again', async () => {
    let fault: FaultReport | undefined = { code: 'MEMBER_SUSPENDED' };
    const { judge, schemas } = setUp(MEMBERSHIP, () => fault);
    schemas.known.clear();
    const [refused] = await judge.judge([ingressRecord({ offset: 1 })]);
    expect([refused?.kind, outcomeOf(refused)?.faults]).toEqual(['rejected', [{ code: 'MEMBER_SUSPENDED' }]]);
    expect(outcomeOf(refused)?.id).toBeDefined();
    schemas.known.set(PERSON, personSchema());
    fault = undefined;
    expect(kinds(await judge.judge([ingressRecord({ offset: 2 })]))).toEqual(['accepted']);
  });

  it('is not decided on while the directory says nothing', async () => {
    const { judge } = setUp(MEMBERSHIP, () => {
      throw new FaultError('CONFIGURATION_EXPIRED');
    });
    await expect(judge.judge([ingressRecord({ offset: 1 })])).rejects.toMatchObject({ code: 'CONFIGURATION_EXPIRED' });
  });
});

describe('a valid record', () => {
  it('goes to its validated topic with canonical bytes, the checked attributes and nothing of the sender', async () => {
    const { judge, keys } = setUp();
    const record = ingressRecord({
      offset: 42,
      data: '{ "name": "Ana", "id": "P-1" }',
      attributes: { subject: 'P-1', sequence: '0012', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, secret: 'P-1' },
      headers: { 'x-own': Buffer.from('P-1') },
    });
    const [verdict] = await judge.judge([record]);
    const pseudonym = keys.of('population' as never)('P-1');
    expect(outputOf(verdict)).toEqual({
      topic: 'validated.population.person',
      key: pseudonym,
      value: Buffer.from('{"id":"P-1","name":"Ana"}'),
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: 'event-1',
        ce_source: '/GE/GOV/7001/base-registry',
        ce_type: 'population.person.created',
        ce_time: '2099-05-06T07:08:09Z',
        ce_subject: `urn:khidi:population:${pseudonym}`,
        ce_dataschema: 'urn:khidi:schema:population.person:1',
        ce_sequence: '12',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        khidi_schema: Buffer.from('{"schema":"header"}'),
        khidi_origin: JSON.stringify({
          agency: 'GE/GOV/7001/base-registry',
          auth: 'topic',
          digest: sha256Base64url(record.value ?? Buffer.alloc(0)),
          ingress: 'ingress.GE-GOV-7001.population.person/0/42',
          received: '2099-05-06T07:08:10.000Z',
        }),
      },
    });
  });

  it('says whom an answer is for and what it answers, or is refused where it says that by halves or wrongly', async () => {
    const request = `sha-256:${sha256Base64url(Buffer.from('a question'))}`;
    const target = { khidiaudience: 'GE/GOV/7002/pensions', khidirequest: request };
    for (const form of [ingressRecord, structuredRecord]) {
      const { judge } = setUp();
      const [verdict] = await judge.judge([form({ attributes: target })]);
      expect(outputOf(verdict)?.headers.khidi_target).toBe(JSON.stringify({ aud: target.khidiaudience, request }));
    }
    const faultsOf = async (attributes: object) =>
      outcomeOf((await setUp().judge.judge([ingressRecord({ attributes: { ...attributes } })]))[0])?.faults?.map(
        ({ code, pointer }) => `${code} ${pointer}`,
      );
    expect(await faultsOf({ khidiaudience: target.khidiaudience })).toEqual(['EVENT_ATTRIBUTE_MISSING /khidirequest']);
    expect(await faultsOf({ khidirequest: request })).toEqual(['EVENT_ATTRIBUTE_MISSING /khidiaudience']);
    expect(await faultsOf({ khidiaudience: 'GE/GOV/7002', khidirequest: 'x' })).toEqual([
      'EVENT_ATTRIBUTE_INVALID /khidiaudience',
      'EVENT_ATTRIBUTE_INVALID /khidirequest',
    ]);
  });

  it('takes its warnings along by code and pointer, and is accepted nonetheless', async () => {
    const { judge } = setUp();
    const [verdict] = await judge.judge([ingressRecord({ data: '{"id":"P-1","name":"Ana","born":"1800"}' })]);
    expect(outputOf(verdict)?.headers.khidi_warnings).toBe('[{"code":"IDENTIFIER_CHECK_DIGIT","pointer":"/born"}]');
  });

  it('is judged the same in structured mode, by the bytes of its data', async () => {
    const { judge } = setUp();
    const [verdict] = await judge.judge([structuredRecord({ data: '{ "name":"Ana", "id":"P-1" }' })]);
    expect(outputOf(verdict)?.value).toEqual(Buffer.from('{"id":"P-1","name":"Ana"}'));
  });

  it('may have any id that can be seen, and keeps it', async () => {
    const { judge } = setUp();
    const [verdict] = await judge.judge([ingressRecord({ attributes: { id: 'ჩანაწერი №1' } })]);
    expect(outputOf(verdict)?.headers.ce_id).toBe('ჩანაწერი №1');
  });

  it('drops a malformed traceparent instead of refusing the record', async () => {
    const { judge } = setUp();
    const [verdict] = await judge.judge([ingressRecord({ attributes: { traceparent: 'canary' } })]);
    expect(outputOf(verdict)?.headers).not.toHaveProperty('traceparent');
  });

  it('gets a date even where the sender chose an impossible timestamp', async () => {
    const { judge } = setUp();
    const records = [-1, 9e18, Number.NaN].map((timestamp, offset) =>
      ingressRecord({ timestamp, offset, attributes: { id: `e-${offset}` } }),
    );
    const received = (await judge.judge(records)).map((v) => JSON.parse(String(outputOf(v)?.headers.khidi_origin)).received);
    expect(received).toEqual(['1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z']);
  });
});

describe('a withdrawal', () => {
  const withdrawn = (data: unknown) => ingressRecord({ attributes: { type: 'population.person.withdrawn' }, data });

  it('carries the identifier only, which its schema need not accept', async () => {
    const { judge } = setUp();
    const [verdict] = await judge.judge([withdrawn({ id: 'P-1' })]);
    expect(outputOf(verdict)?.value).toEqual(Buffer.from('{"id":"P-1"}'));
  });

  it.each<[string, unknown, FaultReport[]]>([
    [
      'more than the identifier',
      { id: 'P-1', name: 'Ana' },
      [{ code: 'SCHEMA_VIOLATION', pointer: '/*', rule: 'additionalProperties' }],
    ],
    ['no identifier', {}, [{ code: 'SCHEMA_IDENTIFIER_MISSING', pointer: '/id' }]],
    ['something that is no object', '"P-1"', [{ code: 'SCHEMA_VIOLATION', pointer: '', rule: 'type' }]],
  ])('is refused where it carries %s', async (_, data, faults) => {
    const { judge } = setUp();
    const [verdict] = await judge.judge([withdrawn(data)]);
    expect(outcomeOf(verdict)?.faults).toEqual(faults);
  });
});

describe('an id', () => {
  const at = (offset: number, more: TestRecord = {}) => ingressRecord({ offset, ...more });
  const other = { data: { id: 'P-1', name: 'Other' } };

  it('is judged within one chunk in order: first new, then duplicate, then conflict', async () => {
    const { judge } = setUp();
    const verdicts = await judge.judge([at(1), at(2), at(3, other)]);
    expect(kinds(verdicts)).toEqual(['accepted', 'duplicate', 'conflict']);
    expect(outcomeOf(verdicts[1])).toMatchObject({ kind: 'duplicate', id: 'event-1' });
    expect(outcomeOf(verdicts[2])?.faults).toEqual([{ code: 'SEEN_CONFLICT', pointer: '/id', rule: 'attribute' }]);
  });

  it('is processed again where the same position comes again, with the same output', async () => {
    const { judge } = setUp();
    const before = await judge.judge([at(1), at(2)]);
    expect(await judge.judge([at(1), at(2)])).toEqual(before);
  });

  it('means the same content whatever the order and form of its members', async () => {
    const { judge } = setUp();
    const verdicts = await judge.judge([
      at(1, { data: '{"id":"P","name":"A"}' }),
      at(2, { data: ' {"name":"\\u0041","id":"P"}' }),
    ]);
    expect(kinds(verdicts)).toEqual(['accepted', 'duplicate']);
  });

  it('is in conflict where only the operation differs', async () => {
    const { judge } = setUp();
    const verdicts = await judge.judge([at(1), at(2, { attributes: { type: 'population.person.updated' } })]);
    expect(kinds(verdicts)).toEqual(['accepted', 'conflict']);
  });

  it('is free for a corrected record after a rejection, in the same chunk too', async () => {
    const { judge, marks } = setUp();
    const verdicts = await judge.judge([at(1, { data: { id: 'P-1' } }), at(2)]);
    expect(kinds(verdicts)).toEqual(['rejected', 'accepted']);
    expect([...marks.values.values()].map((value) => value.split('|').at(-1))).toEqual(['2']);
  });

  it('is free again where its own record is rejected the second time, and then taken by the next', async () => {
    const { judge, schemas, marks } = setUp();
    await judge.judge([at(1)]);
    schemas.known.set(PERSON, { state: 'retired' });
    expect(kinds(await judge.judge([at(1)]))).toEqual(['rejected']);
    expect(marks.values.size).toBe(0);
    schemas.known.set(PERSON, personSchema());
    expect(kinds(await judge.judge([at(2, other)]))).toEqual(['accepted']);
  });

  it('keeps its mark when another position with it is rejected', async () => {
    const { judge, marks } = setUp();
    await judge.judge([at(1)]);
    await judge.judge([at(2, { data: { id: 'P-1' } })]);
    expect(marks.values.has(jtiOf(TEST_ATTRIBUTES.source, TEST_ATTRIBUTES.id))).toBe(true);
  });
});

describe('when something is away', () => {
  it('decides nothing without the seen marks, and everything once they are back', async () => {
    const { judge, marks, metrics } = setUp();
    const chunk = [ingressRecord({ offset: 1 }), ingressRecord({ offset: 2, data: '{' })];
    marks.away = true;
    await expect(judge.judge(chunk)).rejects.toMatchObject({ code: 'SEEN_UNAVAILABLE' });
    expect((await metrics.received.get()).values).toEqual([]);
    marks.away = false;
    expect(kinds(await judge.judge(chunk))).toEqual(['accepted', 'rejected']);
  });

  it('does not call a schema unknown that it could not ask for', async () => {
    const { judge, schemas } = setUp();
    schemas.known.clear();
    schemas.away = true;
    await expect(judge.judge([ingressRecord()])).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
  });

  it('waits once a chunk for schemas that were registered a moment ago', async () => {
    const { judge, schemas } = setUp();
    schemas.known.clear();
    schemas.later.set(PERSON, personSchema());
    const chunk = [1, 2, 3].map((offset) => ingressRecord({ offset, attributes: { id: `e-${offset}` } }));
    expect(kinds(await judge.judge(chunk))).toEqual(['accepted', 'accepted', 'accepted']);
    expect(schemas.catchUps).toBe(1);
  });
});

describe('what is counted', () => {
  it('adds up by kind and first fault', async () => {
    const { judge, metrics } = setUp();
    await judge.judge([
      ingressRecord({ offset: 1 }),
      ingressRecord({ offset: 2 }),
      ingressRecord({ offset: 3, data: { id: 'P', name: 'Z' } }),
      ingressRecord({ offset: 4, data: '{', attributes: { id: 'e-4' } }),
    ]);
    const text = await metrics.render();
    expect(text).toMatch(/khidi_records_received_total\{record_type="population.person",service="validation"\} 4/);
    expect(text).toMatch(/khidi_records_accepted_total\{[^}]*\} 1/);
    expect(text).toMatch(/khidi_records_rejected_total\{record_type="population.person",fault="JSON_SYNTAX",[^}]*\} 1/);
    expect(text).toMatch(/khidi_records_duplicate_total\{record_type="population.person",kind="duplicate",[^}]*\} 1/);
    expect(text).toMatch(/khidi_records_duplicate_total\{record_type="population.person",kind="conflict",[^}]*\} 1/);
  });
});

it('has nothing to say of no records', async () => {
  expect(await setUp().judge.judge([])).toEqual([]);
});

it('tells the member of a record that is given up by the attributes that can be read', async () => {
  const told = await setUp().judge.bury(ingressRecord({ offset: 9 }), 'STREAM_DEFECT');
  expect(told).toMatchObject({
    member: 'GE/GOV/7001',
    outcome: { kind: 'rejected', id: 'event-1', faults: [{ code: 'STREAM_DEFECT' }] },
  });
});

it('frees the id of a record that is given up after an earlier try had marked it', async () => {
  const { judge, marks } = setUp();
  const record = ingressRecord({ offset: 9 });
  await judge.judge([record]);
  expect(marks.values.size).toBe(1);
  await judge.bury(record, 'STREAM_RECORD_TOO_LARGE');
  expect(marks.values.size).toBe(0);
});

describe('a record that a serializer of Confluent’s API wrote', () => {
  const json = Buffer.from('{"id":"P-1","name":"Ana"}');
  const prefixed = Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), json]);
  const unnamed = { dataschema: undefined, datacontenttype: undefined };

  it('is judged by the version that the id means, which then stands in dataschema', async () => {
    const { judge, schemas } = setUp();
    schemas.ids.set('id 9', 1);
    const record = ingressRecord({ data: prefixed, attributes: unnamed });
    const output = outputOf((await judge.judge([record]))[0]);
    expect(output?.value).toEqual(json);
    expect(output?.headers).toMatchObject({ ce_dataschema: 'urn:khidi:schema:population.person:1' });
    expect(String(output?.headers.khidi_origin)).toContain(sha256Base64url(prefixed)); // what was sent, not what is left of it
  });

  it('waits for what was registered a moment ago before its id is called unknown', async () => {
    const { judge, schemas } = setUp();
    schemas.laterIds.set('id 9', 1);
    expect(kinds(await judge.judge([ingressRecord({ data: prefixed, attributes: unnamed })]))).toEqual(['accepted']);
    schemas.away = true;
    const other = ingressRecord({ data: Buffer.concat([Buffer.from([0, 0, 0, 0, 8]), json]), attributes: unnamed });
    await expect(judge.judge([other])).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
  });

  it.each<[string, number | 'foreign' | undefined, string]>([
    ['nobody knows', undefined, 'SCHEMA_UNKNOWN'],
    ['belongs to another record type', 'foreign', 'SCHEMA_SUBJECT_FOREIGN'],
    ['is not the version that dataschema names', 2, 'SCHEMA_ID_CONTRADICTED'],
  ])('is refused where the id %s', async (_case, meaning, code) => {
    const { judge, schemas } = setUp();
    if (meaning !== undefined) schemas.ids.set('id 9', meaning);
    const [verdict] = await judge.judge([ingressRecord({ data: prefixed })]);
    expect(outcomeOf(verdict)?.faults?.map((fault) => fault.code)).toEqual([code]);
  });
});

describe('a record that its agency sealed', () => {
  const member = 'GE/GOV/7001' as MemberId;
  const AT = new Date('2099-05-06T07:08:10Z');
  const asked = (by: string) => ({ by, at: AT, why: 'test' });
  const key = generateSealingKey(AT);
  const record = firstKey({ ...key, purpose: 'origin' }, member, 'member', asked('nino'));
  const { id, source, type, time, dataschema } = TEST_ATTRIBUTES;
  const event = { id, source, type, time, dataschema };
  const data = { id: 'P-1', name: 'Ana' };
  const sealed = (more: object = {}, content: object = data) =>
    sealOrigin({ ...event, ...more }, canonicalize(content as never), { iss: member, signer: softwareSigner(key) }, AT);
  const sent = (seal: string | undefined) =>
    ingressRecord({ data: '{"name":"Ana", "id":"P-1"}', headers: seal === undefined ? {} : { khidi_seal: Buffer.from(seal) } });
  const originOf = (verdict: Verdict | undefined) => JSON.parse(String(outputOf(verdict)?.headers.khidi_origin)) as object;
  const faults = (verdict: Verdict | undefined) => outcomeOf(verdict)?.faults?.map(({ code }) => code);

  it('says so in its origin, and carries the seal', async () => {
    const { judge, tell } = setUp();
    tell(record.kid, writeKeyRecord(record));
    const seal = await sealed();
    const [with_, without] = await judge.judge([
      sent(seal),
      { ...sent(undefined), offset: '2', headers: ingressRecord({ attributes: { id: 'b' } }).headers },
    ]);
    expect(originOf(with_)).toMatchObject({ auth: 'seal', seal });
    expect(originOf(without)).toMatchObject({ auth: 'topic' });
    expect(originOf(without)).not.toHaveProperty('seal');
  });

  it.each<[string, () => Promise<string>]>([
    ['of another record', () => sealed({}, { id: 'P-2', name: 'Ana' })],
    ['of another event', () => sealed({ id: 'another' })],
    ['of another type', () => sealed({ type: 'population.person.withdrawn' })],
    ['that was cut off', async () => (await sealed()).slice(0, -1)],
    [
      'by another member',
      () => sealOrigin(event, canonicalize(data), { iss: 'GE/GOV/7002' as MemberId, signer: softwareSigner(key) }, AT),
    ],
    [
      'by an unknown key',
      () => sealOrigin(event, canonicalize(data), { iss: member, signer: softwareSigner(generateSealingKey(AT)) }, AT),
    ],
    [
      'from the future',
      () => sealOrigin(event, canonicalize(data), { iss: member, signer: softwareSigner(key) }, new Date(AT.getTime() + 120_000)),
    ],
  ])('is refused with ORIGIN_SEAL_INVALID for a seal %s, and never taken for unsealed', async (_, seal) => {
    const { judge, tell } = setUp();
    tell(record.kid, writeKeyRecord(record));
    const [verdict] = await judge.judge([sent(await seal())]);
    expect(faults(verdict)).toEqual(['ORIGIN_SEAL_INVALID']);
  });

  it('is refused from the moment at which its key was revoked', async () => {
    const { judge, tell } = setUp();
    const revoke = { act: 'revoke', reason: 'compromised', since: AT } as const;
    const [proposed = record] = act(record, [record], revoke, asked('nino'), { pendingSeconds: 0 });
    const [revoked = record] = act(proposed, [proposed], revoke, asked('giorgi'), { pendingSeconds: 0 });
    tell(record.kid, writeKeyRecord(revoked));
    expect(faults((await judge.judge([sent(await sealed())]))[0])).toEqual(['ORIGIN_SEAL_INVALID']);
  });

  it('is demanded of a member that seals everything', async () => {
    const { judge } = setUp({ ...MEMBERSHIP, members: MEMBERSHIP.members.map((one) => ({ ...one, seals: true })) });
    expect(faults((await judge.judge([sent(undefined)]))[0])).toEqual(['ORIGIN_SEAL_MISSING']);
  });
});
