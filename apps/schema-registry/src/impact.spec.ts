import type { Agreement } from '#policy';
import type { TopicPlan } from '#stream';
import { memoryStream, testMember, testTerms } from '#testkit';
import { authorizationOf, personSchema, startRegistry } from './registry.fixture.js';

jest.setTimeout(60_000);

const INGRESS = [
  'ingress.GE-GOV-7001.population.person',
  'ingress.GE-GOV-7002.population.person',
  'ingress.GE-GOV-7001.address.locality',
];
const PLAN: TopicPlan = {
  topics: [
    { name: 'schemas', role: 'schemas', partitions: 1, config: {} },
    { name: 'schema-audit', role: 'schema-audit', partitions: 1, config: {} },
    ...INGRESS.map((name) => ({ name, role: 'ingress' as const, partitions: 1, config: {} })),
  ],
  messageMaxBytes: 2_097_152,
};
const TERMS = testTerms(testMember('GE/GOV/7001'), testMember('GE/GOV/7003'));
const AGREED: Agreement = {
  id: TERMS.id,
  versions: [{ terms: TERMS, accepted: { provider: TERMS.from, consumer: TERMS.from } }],
};

describe('when somebody asks who feels a change', () => {
  it('counts what members sent, and names who an agreement entitles', async () => {
    const client = memoryStream(PLAN);
    const record = (topic: string) => ({ topic, key: 'k', value: Buffer.from('{}'), headers: {}, partition: 0 });
    const [first = '', , other = ''] = INGRESS;
    client.append(record(first), record(first), record(other));
    const registry = await startRegistry({ client, plan: PLAN, agreements: () => [AGREED, { ...AGREED, revoked: TERMS.from }] });
    registry.clock.set(new Date(Date.parse(TERMS.from) + 1000));
    const { body } = await registry.call('GET', `/subjects/${TERMS.type}/impact?days=30`);
    expect(body).toMatchObject({ days: 30, consumers: [{ system: TERMS.consumer, agreement: TERMS.id }], reasons: [] });
    registry.clock.set(new Date());
    expect((await registry.call('GET', '/subjects/population.person/impact')).body).toMatchObject({
      days: 7,
      publishers: [{ member: 'GE/GOV/7001', records: 2 }],
    });
    expect((await registry.call('GET', '/subjects/population.person/impact?days=31')).body.error_code).toBe(42201);
    await registry.close();
  });

  it('says that it is unknown where nothing tells, next to the verdict on a draft', async () => {
    const registry = await startRegistry({ users: { author: ['developer'], admin: ['administrator'] } });
    const as = (user: string) => ({ authorization: authorizationOf(user) });
    await registry.call('PUT', '/subjects/population.person/review', { required: true }, as('admin'));
    const sent = { schemaType: 'JSON', schema: personSchema() };
    await registry.call('POST', '/subjects/population.person/versions', sent, as('author'));
    const { body } = await registry.call('GET', '/subjects/population.person/drafts/1', undefined, as('author'));
    expect(body).toMatchObject({ safety: { isCompatible: true }, impact: { publishers: 'unknown', consumers: 'unknown' } });
    expect(body.impact.reasons).toHaveLength(2);
    await registry.close();
  });
});
