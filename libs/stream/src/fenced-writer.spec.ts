import { memoryStream } from '#testkit';
import type { TopicPlan } from './plan.js';

const PLAN: TopicPlan = { messageMaxBytes: 1_000_000, topics: [{ name: 'keys', role: 'keys', partitions: 1, config: {} }] };
const entry = (value: string) => ({ topic: 'keys', key: 'k', value: Buffer.from(value), headers: {} });

describe('when a writer left a transaction open', () => {
  it.each(['torn', 'torn twice'] as const)('the next one completes it, so that its table arrives (%s)', async (failure) => {
    const stream = memoryStream(PLAN);
    const first = await stream.fencedWriter('office', ['keys']);
    stream.fail(failure);
    await expect(first.write([entry('1')])).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    const [open] = await stream.admin.endOffsets('keys');
    expect(open?.end).not.toBe(open?.high);
    await stream.fencedWriter('office', ['keys']);
    const table = stream.table('keys');
    await table.start();
    expect(String(table.get('k'))).toBe('1');
    await table.close();
  });
});
