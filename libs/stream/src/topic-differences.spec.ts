import type { TopicPlan } from './plan.js';
import { differencesOf, type TopicSettings } from './topic-differences.js';

const PLAN: TopicPlan = {
  messageMaxBytes: 1,
  topics: [
    { name: 'sealed', role: 'sealed', partitions: 4, config: { 'cleanup.policy': 'compact,delete', 'retention.ms': '100' } },
    { name: 'keys', role: 'keys', partitions: 1, config: { 'cleanup.policy': 'compact' } },
  ],
};
const settings = (values: Readonly<Record<string, string>>): TopicSettings =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, own: true }]));

describe('when the settings of topics are compared with the plan', () => {
  it('names each that is otherwise, with both values', () => {
    const found = new Map([
      ['sealed', settings({ 'cleanup.policy': 'compact,delete', 'retention.ms': '200' })],
      ['keys', settings({ 'cleanup.policy': 'delete' })],
    ]);
    expect(differencesOf(PLAN, found)).toEqual([
      { topic: 'sealed', setting: 'retention.ms', is: '200', planned: '100' },
      { topic: 'keys', setting: 'cleanup.policy', is: 'delete', planned: 'compact' },
    ]);
  });

  it('takes a list in another order as the same, and leaves out settings and topics of which nothing is said', () => {
    const found = new Map([
      ['sealed', settings({ 'cleanup.policy': 'delete,compact', 'retention.ms': '100', 'min.insync.replicas': '2' })],
      ['strange', settings({ 'retention.ms': '1' })],
    ]);
    expect(differencesOf(PLAN, found)).toEqual([]);
  });

  it('names a setting that Kafka does not know', () => {
    const found = new Map([['keys', settings({})]]);
    expect(differencesOf(PLAN, found)).toEqual([{ topic: 'keys', setting: 'cleanup.policy', is: undefined, planned: 'compact' }]);
  });
});
