import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJsonFile, readMembers } from '#settings';
import {
  type AccessPlan,
  type AccessRule,
  ensureAccess,
  ensureClientQuotas,
  kafkaClient,
  planAccess,
  planClientQuotas,
  planTopics,
  type StreamClient,
} from '#stream';
import { createLogger } from '#telemetry';
import { openAuthority } from '../../deploy/local/authority.js';
import { startBroker, type TestBroker } from '../broker.js';
import { PROBES, Prober } from './support/prober.js';

jest.setTimeout(180_000);

const membership = readMembers('deploy/local/members.json');
const topics = planTopics(readJsonFile('deploy/kafka/topics.json'), membership);
/** With the topics of every lane that an agreement may open. */
const types = [...new Set(membership.members.flatMap(({ publishes }) => publishes))];
const lanes = membership.members.flatMap(({ subsystems }) =>
  subsystems.flatMap((consumer) => types.map((type) => ({ consumer, type }))),
);
const all = planTopics(readJsonFile('deploy/kafka/topics.json'), membership, lanes);
const plan: AccessPlan = planAccess(readJsonFile('deploy/kafka/acl.json'), membership, topics);
const log = createLogger('test', 'silent');

let broker: TestBroker;
const clientOf = (principal: string): StreamClient =>
  kafkaClient({ brokers: [broker.address], clientId: principal, log, tls: broker.tlsOf(principal) });

beforeAll(async () => {
  broker = await startBroker({ administrators: plan.administrators });
  const admin = clientOf('admin');
  await admin.admin.ensureTopics(all);
  await admin.admin.groupLag('nobody', []); // makes the topic of groups
  await admin.close();
});
afterAll(() => broker.stop());

const ensured = () => ensureAccess({ brokers: [broker.address], clientId: 'admin', log, tls: broker.tlsOf('admin') }, plan);

it('grants the rules of the table in one request, and leaves nothing else', async () => {
  expect(await ensured()).toEqual({ granted: plan.rules.length, withdrawn: 0 });
  const extra: AccessRule = { principal: 'stranger', resource: 'topic', name: 'schemas', operation: 'read' };
  const { brokers, tls } = { brokers: [broker.address], tls: broker.tlsOf('admin') };
  const wider = { ...plan, rules: [...plan.rules.slice(1), extra] };
  expect(await ensureAccess({ brokers, clientId: 'admin', log, tls }, wider)).toEqual({ granted: 1, withdrawn: 1 });
  expect(await ensured()).toEqual({ granted: 1, withdrawn: 1 });
  expect(await ensured()).toEqual({ granted: 0, withdrawn: 0 });
});

it('slows direct writers down by the table, and nobody else', async () => {
  const address = { brokers: [broker.address], clientId: 'admin', log, tls: broker.tlsOf('admin') };
  const quotas = planClientQuotas(readJsonFile('deploy/kafka/quotas.json'), membership);
  const limits = quotas.reduce((sum, one) => sum + one.limits.size, 0);
  expect(limits).toBeGreaterThan(0);
  const extra = { principal: 'stranger', limits: new Map([['producer_byte_rate', 1] as const]) };
  expect(await ensureClientQuotas(address, [...quotas, extra])).toEqual({ set: limits + 1, removed: 0 });
  expect(await ensureClientQuotas(address, quotas)).toEqual({ set: 0, removed: 1 });
  expect(await ensureClientQuotas(address, quotas)).toEqual({ set: 0, removed: 0 });
  const [member = ''] = quotas.map(({ principal }) => principal);
  await expect(ensureClientQuotas({ ...address, tls: broker.tlsOf(member) }, quotas)).rejects.toMatchObject({
    code: 'STREAM_FORBIDDEN',
  });
});

/** What the table says: exactly a rule, or for seeing that something is there, any rule about it. Cluster and everything else: nobody. */
function expected(principal: string, resource: string, name: string, operation: string): boolean {
  if (plan.administrators.includes(principal)) return true;
  return plan.rules.some(
    (rule) =>
      rule.principal === principal &&
      rule.resource === resource &&
      rule.name === name &&
      (rule.operation === operation || (operation === 'describe' && rule.operation !== 'create')),
  );
}

it('does for every principal, resource and operation what the table says: 0 differences', async () => {
  const named = (resource: string) => [
    ...new Set(plan.rules.filter((rule) => rule.resource === resource).map(({ name }) => name)),
  ];
  const resources = {
    topic: all.topics.map(({ name }) => name),
    group: [...new Set([...named('group'), ...plan.principals])],
    transaction: [...named('transaction'), 'validation-ingress.GE-GOV-7001.address.locality-00', 'nobodys'],
  };
  const differences: string[] = [];
  let asked = 0;
  for (const principal of [...plan.principals, 'stranger', 'admin']) {
    const prober = await Prober.connect(broker.port, broker.tlsOf(principal).ca, broker.tlsOf(principal));
    const ask = async (resource: keyof typeof PROBES, operation: string, name: string) => {
      const probe = (PROBES[resource] as Record<string, (typeof PROBES)['topic']['read']>)[operation];
      if (probe === undefined) throw new Error(`no probe for ${operation}`);
      const allowed = await prober.allowed(probe, name);
      asked += 1;
      if (allowed !== expected(principal, resource, name, operation))
        differences.push(`${principal} ${operation} ${resource} ${name}: ${allowed ? 'allowed' : 'denied'}`);
    };
    for (const [resource, names] of Object.entries(resources) as [keyof typeof resources, string[]][]) {
      for (const operation of Object.keys(PROBES[resource])) {
        // Where deleting is allowed, nothing would be left to ask for.
        if (operation === 'delete' && principal === 'admin') continue;
        for (const name of names) await ask(resource, operation, name);
      }
    }
    if (principal !== 'admin') for (const operation of Object.keys(PROBES.cluster)) await ask('cluster', operation, principal);
    await prober.close();
  }
  process.stdout.write(
    `access: ${asked} questions of ${plan.principals.length + 2} principals, ${differences.length} differences\n`,
  );
  expect(differences).toEqual([]);
});

describe('a member', () => {
  const own = 'ingress.GE-GOV-7001.address.locality';
  const others = 'ingress.GE-GOV-7002.address.locality';
  const record = (topic: string) => ({ topic, key: 'k', value: Buffer.from('{}'), headers: {} });

  it('writes to its own topic and is refused with STREAM_FORBIDDEN on another member’s', async () => {
    const client = clientOf('GE-GOV-7001');
    const publisher = client.publisher();
    try {
      expect((await publisher.publish([record(own)])).map(({ topic }) => topic)).toEqual([own]);
      await expect(publisher.publish([record(others)])).rejects.toMatchObject({ code: 'STREAM_FORBIDDEN' });
      await expect(client.admin.endOffsets('outcomes.GE-GOV-7002')).rejects.toMatchObject({ code: 'STREAM_FORBIDDEN' });
      await expect(client.transport.transactional(`validation-${own}-0`).connect()).rejects.toMatchObject({
        code: 'STREAM_FORBIDDEN',
      });
    } finally {
      await publisher.close();
      await client.close();
    }
  });
});

describe('who may not come in', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'khidi-foreign-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is whoever shows no certificate, or one of another authority', async () => {
    const { ca } = broker.tlsOf('validation');
    await expect(Prober.connect(broker.port, ca)).rejects.toThrow();
    await expect(Prober.connect(broker.port, ca, openAuthority(folder).client('admin'))).rejects.toThrow();
  });

  it.each(['x,CN=admin', 'admin.evil', 'admin '])('is a certificate whose name is %j: it maps to nobody', async (name) => {
    const files = broker.tlsOf(name);
    await expect(Prober.connect(broker.port, files.ca, files)).rejects.toThrow();
  });

  it('is who comes without TLS', async () => {
    const client = kafkaClient({ brokers: [broker.address], clientId: 'plain', log });
    await expect(client.admin.clusterId()).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    await client.close();
  });
});
