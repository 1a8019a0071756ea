import { readFileSync } from 'node:fs';
import { readMembership } from '#record';
import { planTopics, topicsOf } from './plan.js';

const file = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const read = readMembership(file('deploy/local/members.json'));
if ('mistakes' in read) throw new Error('the demonstration members cannot be read');
const { membership } = read;

describe('when the templates of deploy/kafka are expanded', () => {
  const plan = planTopics(file('deploy/kafka/topics.json'), membership);

  it('gives one ingress topic for each member and record type', () => {
    expect(topicsOf(plan, 'ingress')).toHaveLength(10);
    expect(topicsOf(plan, 'ingress')).toContain('ingress.GE-GOV-7003.population.person');
  });

  it('gives one topic for each record type, member, service and table', () => {
    expect(topicsOf(plan, 'sealed')).toEqual([
      'sealed.address.locality',
      'sealed.operations.heartbeat',
      'sealed.organisation.public-body',
      'sealed.population.person',
    ]);
    expect(topicsOf(plan, 'outcomes')).toHaveLength(3);
    expect(topicsOf(plan, 'dead-letter')).toEqual(expect.arrayContaining(['dead-letter.validation', 'dead-letter.signing']));
    expect(topicsOf(plan, 'schemas')).toEqual(['schemas']);
  });

  it('names no topic twice and expands every template', () => {
    const names = plan.topics.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.includes('<'))).toEqual([]);
  });
});

describe('when the file of templates is wrong', () => {
  it('throws SETTINGS_INVALID that names every mistake', () => {
    const wrong = {
      templates: [
        { name: 'a.<thing>', role: 'ingress', partitions: 1, config: {} },
        { name: 'b', role: 'nonsense', partitions: 0, config: { 'retention.ms': 5 } },
      ],
    };
    expect(() => planTopics(wrong, membership)).toThrow(
      /message\.max\.bytes.*\/templates\/1\/role.*\/templates\/1\/partitions.*\/templates\/1\/config.*a\.<thing>/,
    );
    expect(() => planTopics(null, membership)).toThrow(/templates is empty/);
  });
});
