import { CorruptBatchError } from '../codec/corrupt-batch.js';
import type { FetchedBatch } from '../codec/fetched-batch.js';
import type { FetchedRecord } from '../codec/kafkajs-modules.js';
import { Feed } from './feed.adapter.js';

const silent = (): void => undefined;
const FROM_ONE_TO = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** A batch with these offsets; `read` tells of each record that is read. */
function batchOf(offsets: readonly number[], told: (offset: number) => void = silent, last = offsets.at(-1) ?? 0): FetchedBatch {
  return {
    last: BigInt(last),
    size: offsets.length * 100,
    *read() {
      for (const offset of offsets) {
        told(offset);
        const record = { key: null, value: Buffer.from(`${offset}`), headers: {}, offset: `${offset}`, timestamp: '0' };
        yield { ...record, isControlRecord: false } as FetchedRecord;
      }
    },
  };
}
const answer = (...messages: FetchedBatch[]) => ({ partition: 0, highWatermark: '1000', messages });

function fed(...batches: FetchedBatch[]): Feed {
  const feed = new Feed('topic', 0, silent);
  feed.seek(1n);
  feed.accept(feed.wants()?.ticket ?? -1, answer(...batches));
  return feed;
}
const offsets = (run: { records: readonly { offset: string }[] } | undefined) => run?.records.map(({ offset }) => Number(offset));

describe('what was fetched', () => {
  it('is read only when it is taken, and no further than it is taken', async () => {
    const read: number[] = [];
    const feed = fed(batchOf(FROM_ONE_TO(10), (offset) => read.push(offset)));
    expect(read).toEqual([]);
    expect(offsets(await feed.take(4, 10_000, []))).toEqual([1, 2, 3, 4]);
    expect(read).toEqual([1, 2, 3, 4, 5]); // the fifth says where to go on
  });

  it('comes whole and in order, whatever is taken at a time, and every run says where the next one begins', async () => {
    for (const most of [1, 3, 7, 100]) {
      const feed = fed(batchOf([1, 2, 3]), batchOf([]), batchOf([7, 8]), batchOf([9, 10, 11, 12], silent, 20));
      const seen: number[] = [];
      let next = 1n;
      while (next < 21n) {
        const run = await feed.take(most, 10_000, []);
        for (const offset of offsets(run) ?? []) expect(BigInt(offset)).toBeGreaterThanOrEqual(next);
        seen.push(...(offsets(run) ?? []));
        next = run?.next ?? 0n;
      }
      expect([seen, next]).toEqual([[1, 2, 3, 7, 8, 9, 10, 11, 12], 21n]);
    }
  });

  it('leaves the partition out of the next fetch while there is much of it', async () => {
    const feed = fed({ ...batchOf(FROM_ONE_TO(2)), size: 2 * 1024 * 1024 });
    expect(feed.wants()).toBeUndefined();
    await feed.take(2, 10_000, []);
    expect(feed.wants()?.offset).toBe(3n);
  });

  it('is much as well where the stock codec has read many records without key and value', () => {
    const records = FROM_ONE_TO(20_000).map((offset) => ({
      key: null,
      value: null,
      headers: {},
      offset: `${offset}`,
      timestamp: '0',
    }));
    const feed = new Feed('topic', 0, silent);
    feed.seek(1n);
    feed.accept(feed.wants()?.ticket ?? -1, {
      partition: 0,
      highWatermark: '1000',
      messages: records as unknown as FetchedRecord[],
    });
    expect(feed.wants()).toBeUndefined();
  });

  it('that was damaged is an error until a seek, and never looks like the end', async () => {
    const damaged: FetchedBatch = {
      ...batchOf([4, 5, 6]),
      *read() {
        yield* batchOf([4]).read();
        throw new CorruptBatchError('a field does not fit', '4');
      },
    };
    const feed = fed(batchOf([1, 2, 3]), damaged, batchOf([7]));
    expect(offsets(await feed.take(3, 10_000, []))).toEqual([1, 2, 3]);
    for (let i = 0; i < 2; i++) await expect(feed.take(10, 10_000, [])).rejects.toThrow('a field does not fit');
    feed.seek(4n);
    expect(feed.wants()?.offset).toBe(4n);
  });

  it('that was damaged is not passed over by a fetch that was under way', async () => {
    const damaged: FetchedBatch = {
      ...batchOf([1, 2, 3]),
      // biome-ignore lint/correctness/useYield: it is damaged from its first record on
      *read() {
        throw new CorruptBatchError('a field does not fit', '1');
      },
    };
    const feed = fed(damaged);
    const underWay = feed.wants()?.ticket ?? -1;
    await expect(feed.take(10, 10_000, [])).rejects.toThrow('a field does not fit');
    feed.accept(underWay, answer(batchOf([4, 5])));
    await expect(feed.take(10, 10_000, [])).rejects.toThrow('a field does not fit');
  });
});
