import { memoryStream } from '#testkit';
import type { TopicPlan } from './plan.js';

const PLAN: TopicPlan = {
  messageMaxBytes: 1_000_000,
  topics: [{ name: 'sealed.a.b', role: 'sealed', partitions: 3, config: {} }],
};
const record = (value: string, partition: number) => ({
  topic: 'sealed.a.b',
  key: 'k',
  value: Buffer.from(value),
  headers: {},
  partition,
});
const texts = (records: readonly { readonly value: Buffer | null }[]) => records.map(({ value }) => String(value)).sort();

describe('when the newest records of a topic are asked for', () => {
  it('gives at most so many of all partitions, past the markers of transactions', async () => {
    const stream = memoryStream(PLAN);
    const writer = await stream.fencedWriter('writer', []);
    for (let i = 0; i < 8; i += 1) await writer.write([record(`m${i}`, 1)]); // each has a marker behind it
    expect(texts(await stream.recent('sealed.a.b', 3))).toEqual(['m5', 'm6', 'm7']);
    stream.append(record('n0', 0));
    expect(texts(await stream.recent('sealed.a.b', 100))).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'n0']);
    await stream.close();
  });

  it('gives nothing where there is nothing, and STREAM_TOPIC_MISSING where there is no topic', async () => {
    const stream = memoryStream(PLAN);
    expect(await stream.recent('sealed.a.b', 10)).toEqual([]);
    await expect(stream.recent('nowhere', 10)).rejects.toMatchObject({ code: 'STREAM_TOPIC_MISSING' });
  });
});
