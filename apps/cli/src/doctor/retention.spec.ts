import type { StreamAdmin } from '#stream';
import { judgeRetention, keptMs } from './retention.js';

const DAY = 86_400_000;
const NOW = Date.parse('2099-03-01T00:00:00Z');
const topic = {
  name: 'sealed.population.person',
  role: 'sealed',
  partitions: 2,
  config: { 'retention.ms': String(30 * DAY), 'segment.ms': String(DAY) },
} as const;

/** A topic with ten offsets on each partition, of which so many are young. */
function admin(young: readonly [bigint, bigint]): { admin: StreamAdmin; asked: number[] } {
  const asked: number[] = [];
  const end = (partition: number) => ({ topic: topic.name, partition, start: '5', end: '15', high: '15' });
  const answers: Pick<StreamAdmin, 'endOffsets' | 'offsetsSince'> = {
    endOffsets: async () => [end(0), end(1)],
    async offsetsSince(_, since) {
      asked.push(since);
      return new Map(young.map((count, partition) => [partition, count]));
    },
  };
  return { admin: answers as StreamAdmin, asked };
}

describe('when the age of records is measured', () => {
  it('allows for the retention, the open segment and an hour', async () => {
    const { admin: kafka, asked } = admin([10n, 10n]);
    expect(await judgeRetention(kafka, topic, NOW)).toEqual([]);
    expect(asked).toEqual([NOW - 31 * DAY - 3_600_000]);
  });

  it('tells of a topic that holds more than that', async () => {
    const [finding] = await judgeRetention(admin([10n, 7n]).admin, topic, NOW);
    expect(finding).toMatchObject({ check: 'retention/sealed.population.person', condition: 'ill' });
    expect(finding?.seen).toContain('3 offsets');
  });

  it('asks for no topic that keeps everything', () => {
    expect(keptMs({ config: { 'retention.ms': '-1' } })).toBeUndefined();
    expect(keptMs({ config: { 'cleanup.policy': 'compact' } })).toBeUndefined();
  });
});
