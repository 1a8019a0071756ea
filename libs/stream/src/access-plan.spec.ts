import { readFileSync } from 'node:fs';
import { readMembership } from '#record';
import { planAccess, transactionalId } from './access-plan.js';
import { planTopics } from './plan.js';

const file = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const read = readMembership(file('deploy/local/members.json'));
if ('mistakes' in read) throw new Error('the demonstration members cannot be read');
const { membership } = read;
const topics = planTopics(file('deploy/kafka/topics.json'), membership);
const table = file('deploy/kafka/acl.json') as { principals: Record<string, unknown>[] };
const plan = planAccess(table, membership, topics);
const rightsOf = (principal: string) =>
  plan.rules
    .filter((rule) => rule.principal === principal)
    .map(({ resource, operation, name }) => `${operation} ${resource} ${name}`);

describe('the table of deploy/kafka', () => {
  it('gives a member its own topics and what is public, and nothing else', () => {
    expect(rightsOf('GE-GOV-7002').sort()).toEqual([
      'read topic configuration',
      'read topic delivery.GE-GOV-7002-base-registry.address.locality',
      'read topic delivery.GE-GOV-7002-base-registry.operations.heartbeat',
      'read topic delivery.GE-GOV-7002-base-registry.organisation.public-body',
      'read topic delivery.GE-GOV-7002-base-registry.population.person',
      'read topic keys',
      'read topic outcomes.GE-GOV-7002',
      'write topic ingress.GE-GOV-7002.address.locality',
      'write topic ingress.GE-GOV-7002.organisation.public-body',
      'write topic ingress.GE-GOV-7002.population.person',
    ]);
  });

  it('gives a service one transactional id for each partition that it consumes, and the group of its name', () => {
    const ids = rightsOf('signing').filter((right) => right.startsWith('write transaction signing-'));
    const consumed = topics.topics
      .filter(({ role }) => role === 'validated')
      .reduce((sum, { partitions }) => sum + partitions, 0);
    expect(ids).toHaveLength(consumed);
    expect(consumed).toBeGreaterThan(0);
    expect(ids).toContain(`write transaction ${transactionalId('signing', 'validated.population.person', 3)}`);
    expect(rightsOf('signing').filter((right) => right.includes(' group '))).toEqual(['read group signing']);
  });

  it('lets delivery make the topics of lanes, and nobody make anything else', () => {
    const made = plan.rules.filter(({ operation }) => operation === 'create');
    expect(new Set(made.map(({ principal }) => principal))).toEqual(new Set(['delivery']));
    const types = new Set(membership.members.flatMap(({ publishes }) => publishes));
    expect(made).toHaveLength(membership.members.flatMap(({ subsystems }) => subsystems).length * types.size);
    expect(made.every(({ name }) => name.startsWith('delivery.GE-GOV-'))).toBe(true);
  });

  it('lets nobody write what he is not the source of', () => {
    const writers = (topic: string) =>
      plan.rules
        .filter(({ resource, name, operation }) => resource === 'topic' && name === topic && operation === 'write')
        .map(({ principal }) => principal);
    expect(writers('sealed.population.person')).toEqual(['signing']);
    expect(writers('validated.population.person')).toEqual(['validation']);
    expect(writers('evidence')).toEqual(['ledger']);
    expect(writers('schemas')).toEqual(['schema-registry']);
    expect(writers('keys')).toEqual(['signing']);
    expect(writers('ingress.GE-GOV-7001.population.person')).toEqual(['GE-GOV-7001']);
  });

  it('makes nobody an administrator who has a service or is a member', () => {
    expect(plan.administrators).toEqual(['kafka', 'admin']);
    expect(plan.principals.filter((name) => plan.administrators.includes(name))).toEqual([]);
  });
});

describe('a table is refused', () => {
  const refused = (...principals: readonly object[]) => {
    try {
      planAccess({ administrators: ['kafka'], principals }, membership, topics);
    } catch (error) {
      return (error as Error).message;
    }
    return 'taken';
  };

  it.each([
    ['with a wildcard', { name: 'a', reads: ['*'] }, /\/principals\/0\/reads\/0 has a wildcard/],
    ['with a topic that is not planned', { name: 'a', reads: ['sealed'] }, /sealed is no topic of the plan/],
    ['with an unknown word', { name: 'a', deletes: ['schemas'] }, /deletes/],
    ['with rules for an administrator', { name: 'kafka', reads: ['schemas'] }, /kafka is an administrator and has rules/],
    ['with a principal that its certificate could not map to', { name: 'CN=a' }, /is no name/],
  ])('%s', (_, row, why) => expect(refused(row)).toMatch(why));

  it('with a principal that stands there twice', () => {
    expect(refused({ name: 'a' }, { name: 'a' })).toMatch(/a stands there twice/);
  });
});
