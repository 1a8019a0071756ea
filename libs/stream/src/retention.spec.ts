import type { StreamAdmin } from './port.js';
import { keptMs, overdueOffsets } from './retention.js';

const DAY = 86_400_000;
const NOW = Date.parse('2099-03-01T00:00:00Z');
const topic = {
  name: 'sealed.population.person',
  role: 'sealed',
  partitions: 2,
  config: { 'retention.ms': String(30 * DAY), 'segment.ms': String(DAY) },
} as const;

/** A topic with ten offsets on each partition, of which so many are young. */
function admin(young: readonly [bigint, bigint]) {
  const asked: number[] = [];
  const end = (partition: number) => ({ topic: topic.name, partition, start: '5', end: '15', high: '15' });
  const answers: Pick<StreamAdmin, 'endOffsets' | 'offsetsSince'> = {
    endOffsets: async () => [end(0), end(1)],
    async offsetsSince(_, since) {
      asked.push(since);
      return new Map(young.map((count, partition) => [partition, count]));
    },
  };
  return { answers, asked };
}

describe('when the age of records is measured', () => {
  it('allows for the retention, the open segment and an hour', async () => {
    const { answers, asked } = admin([10n, 10n]);
    expect(await overdueOffsets(answers, topic, NOW)).toBe(0);
    expect(asked).toEqual([NOW - 31 * DAY - 3_600_000]);
  });

  it('counts what is older', async () => {
    expect(await overdueOffsets(admin([10n, 7n]).answers, topic, NOW)).toBe(3);
  });

  it('counts nothing where something was written meanwhile', async () => {
    expect(await overdueOffsets(admin([11n, 10n]).answers, topic, NOW)).toBe(0);
  });

  it('asks for no topic that keeps everything', async () => {
    const { answers, asked } = admin([0n, 0n]);
    expect(keptMs({ config: { 'cleanup.policy': 'compact' } })).toBeUndefined();
    expect(await overdueOffsets(answers, { ...topic, config: { 'retention.ms': '-1' } }, NOW)).toBe(0);
    expect(asked).toEqual([]);
  });
});
