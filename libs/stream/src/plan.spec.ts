import { readFileSync } from 'node:fs';
import { readMembership } from '#record';
import { isRegister, planTopics, topicsOf } from './plan.js';

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

describe('when a record type is kept for another time', () => {
  const templates = [
    { name: 'sealed.<record type>', role: 'sealed', partitions: 1, config: { 'retention.ms': '1000', 'segment.ms': '10' } },
    { name: 'outcomes.<member>', role: 'outcomes', partitions: 1, config: { 'retention.ms': '1000' } },
  ];
  const retention = (kept: object): Record<string, string | undefined> => {
    const plan = planTopics({ 'message.max.bytes': 1, 'retention.ms': kept, templates }, membership);
    return Object.fromEntries(plan.topics.map(({ name, config }) => [name, config['retention.ms']]));
  };

  it('says so on each of its topics, and on no other', () => {
    const kept = retention({ 'population.person': '500' });
    expect(kept).toMatchObject({ 'sealed.population.person': '500', 'sealed.address.locality': '1000' });
    expect(kept['outcomes.GE-GOV-7001']).toBe('1000');
  });

  it('keeps the newest sealed record of each subject of a register for ever, and nothing else of it', () => {
    const both = [...templates, { ...templates[0], name: 'validated.<record type>', role: 'validated' }];
    const plan = planTopics({ 'message.max.bytes': 1, registers: ['population.person'], templates: both }, membership);
    const config = (name: string) => plan.topics.find((topic) => topic.name === name)?.config;
    const kept = { 'cleanup.policy': 'compact', 'retention.ms': '-1', 'segment.ms': '10' };
    expect(config('sealed.population.person')).toEqual(kept);
    for (const name of ['sealed.address.locality', 'validated.population.person'])
      expect(config(name)).toEqual({ 'retention.ms': '1000', 'segment.ms': '10' });
    expect(plan.topics.filter(isRegister).map(({ name }) => name)).toEqual(['sealed.population.person']);
    expect(() => planTopics({ 'message.max.bytes': 1, registers: ['Person', 7], templates }, membership)).toThrow(
      /registers\/0 is no record type.*registers\/1 is no/,
    );
  });

  it('takes nothing that is no record type or no time', () => {
    expect(() => retention({ Person: 'soon' })).toThrow(/Person is no record type.*Person is not a number/);
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
