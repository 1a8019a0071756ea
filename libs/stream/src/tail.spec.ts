import { memoryStream } from '#testkit';
import type { TopicPlan } from './plan.js';

const PLAN: TopicPlan = {
  messageMaxBytes: 1_000_000,
  topics: [{ name: 'sealed', role: 'sealed', partitions: 2, config: {} }],
};
const entry = (value: string, partition: number) => ({
  topic: 'sealed',
  partition,
  key: value,
  value: Buffer.from(value),
  headers: {},
});

describe('when a topic is followed', () => {
  const follow = async (fromOffset: string, partition?: number) => {
    const stream = memoryStream(PLAN);
    stream.append(entry('before', 0), entry('before too', 1));
    const seen: string[] = [];
    const options = partition === undefined ? { fromOffset } : { fromOffset, partition };
    const tail = await stream.tail('sealed', options, (records) => {
      seen.push(...records.map(({ value }) => String(value)));
    });
    stream.append(entry('after', 0), entry('after too', 1)); // before the reader has fetched for the first time
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await tail.stop();
    await tail.done;
    return seen.sort();
  };

  it('from the latest on, gives everything that was written after the call, and nothing older', async () => {
    expect(await follow('latest')).toEqual(['after', 'after too']);
  });

  it('from the earliest on, or from an offset of one partition', async () => {
    expect(await follow('earliest')).toEqual(['after', 'after too', 'before', 'before too']);
    expect(await follow('1', 1)).toEqual(['after too']);
    expect(await follow('0', 1)).toEqual(['after too', 'before too']);
  });

  it('has given all that was there once it has caught up', async () => {
    const stream = memoryStream(PLAN);
    stream.append(entry('before', 0), entry('before too', 1));
    const seen: string[] = [];
    const tail = await stream.tail('sealed', { fromOffset: 'earliest' }, async (records) => {
      await new Promise((resolve) => setTimeout(resolve, 5)); // whoever is told takes its time
      seen.push(...records.map(({ value }) => String(value)));
    });
    await tail.caughtUp();
    expect(seen.sort()).toEqual(['before', 'before too']);
    await tail.stop();
    await tail.caughtUp();
  });

  it('throws STREAM_TOPIC_MISSING where there is no such partition', async () => {
    await expect(follow('latest', 7)).rejects.toMatchObject({ code: 'STREAM_TOPIC_MISSING' });
  });
});
