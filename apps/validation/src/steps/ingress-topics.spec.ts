import type { MemberId, Membership, RecordType, SubsystemId } from '#record';
import { IngressTopics } from './ingress-topics.js';

const membership = (publishes: string[]): Membership => ({
  operator: 'GE/GOV/0001' as MemberId,
  members: [
    {
      id: 'GE/GOV/7001' as MemberId,
      name: '',
      subsystems: ['GE/GOV/7001/a' as SubsystemId, 'GE/GOV/7001/b' as SubsystemId],
      publishes: publishes as RecordType[],
    },
  ],
});
const TOPIC = 'ingress.GE-GOV-7001.population.person';

describe('what is known of an ingress topic', () => {
  it('names its member, type, subsystems, event types and where valid records go', () => {
    const facts = new IngressTopics(() => membership(['population.person'])).of(TOPIC);
    expect(facts).toMatchObject({
      member: 'GE/GOV/7001',
      type: 'population.person',
      registry: 'population',
      validated: 'validated.population.person',
    });
    expect([...facts.sources.keys()]).toEqual(['/GE/GOV/7001/a', '/GE/GOV/7001/b']);
    expect([...facts.types.values()]).toEqual(['created', 'updated', 'withdrawn']);
  });

  it('is worked out again when the membership changes', () => {
    let now = membership(['population.person']);
    const topics = new IngressTopics(() => now);
    const before = topics.of(TOPIC);
    expect(topics.of(TOPIC)).toBe(before);
    now = membership([]);
    expect(topics.of(TOPIC).types.size).toBe(0);
  });

  it('leaves nobody who may write where the member is gone', () => {
    const facts = new IngressTopics(() => ({ ...membership([]), members: [] })).of(TOPIC);
    expect([facts.sources.size, facts.types.size]).toEqual([0, 0]);
  });

  it('is a defect for a topic of another kind', () => {
    expect(() => new IngressTopics(() => membership([])).of('validated.population.person')).toThrow(TypeError);
  });
});
