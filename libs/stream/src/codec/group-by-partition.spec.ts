import fc from 'fast-check';
import { groupByPartition, type Partitioner } from './group-by-partition.js';
import { kafkajsModule } from './kafkajs-modules.js';
import type { OutgoingMessage } from './outgoing-record.js';
import { createPartitioner, murmur2 } from './partitioner.js';

const stockGroup = kafkajsModule<typeof groupByPartition>('producer/groupMessagesPerPartition');
const stockMurmur2 = kafkajsModule<typeof murmur2>('producer/partitioners/default/murmur2');
const createStockPartitioner = kafkajsModule<() => Partitioner>('producer/partitioners/default');

const key = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes)),
);
const partitions = (count: number) => Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }));

describe('when messages are grouped by partition', () => {
  it('gives the groups of stock, in its order', () => {
    const message = fc.record({ key, value: fc.constant('v'), partition: fc.option(fc.nat(11)) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), fc.nat(12), (messages, count) => {
        const given = { topic: 't', partitionMetadata: partitions(count), messages };
        const found = groupByPartition({ ...given, partitioner: createPartitioner() });
        expect(found).toStrictEqual(stockGroup({ ...given, partitioner: createStockPartitioner() }));
        expect(Object.keys(found)).toEqual(Object.keys(stockGroup({ ...given, partitioner: createStockPartitioner() })));
      }),
    );
  });

  it('takes time in proportion to their number', () => {
    const messages: OutgoingMessage[] = Array.from({ length: 200_000 }, (_, i) => ({ key: null, value: `${i}` }));
    const found = groupByPartition({ topic: 't', partitionMetadata: partitions(1), messages, partitioner: () => 0 });
    expect(found[0]).toEqual(messages);
  });
});

describe('when a partition is chosen', () => {
  it('hashes keys as stock and Java do', () => {
    fc.assert(
      fc.property(key, (given) => expect(murmur2(given)).toBe(stockMurmur2(given))),
      { numRuns: 2000 },
    );
    expect(murmur2(new Uint8Array(Buffer.from('khidi')))).toBe(stockMurmur2('khidi'));
  });

  it('takes turns over the partitions that have a leader where there is no key', () => {
    const partitionMetadata = [0, 1, 2].map((partitionId) => ({ partitionId, leader: partitionId === 1 ? -1 : 1 }));
    const choose = createPartitioner();
    const chosen = Array.from({ length: 4 }, () => choose({ topic: 't', partitionMetadata, message: { value: 'v' } }));
    expect([...new Set(chosen)].sort()).toEqual([0, 2]);
    expect(chosen[0]).toBe(chosen[2]);
  });

  it('takes turns over all where none has a leader', () => {
    const partitionMetadata = [0, 1].map((partitionId) => ({ partitionId, leader: -1 }));
    const choose = createPartitioner();
    const chosen = Array.from({ length: 4 }, () => choose({ topic: 't', partitionMetadata, message: { value: 'v' } }));
    expect([...new Set(chosen)].sort()).toEqual([0, 1]);
  });
});
