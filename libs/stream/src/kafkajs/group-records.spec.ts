import fc from 'fast-check';
import type { WireRecord } from '../port.js';
import { groupRecords, positionsOf } from './group-records.js';

const record = fc.record({ topic: fc.constantFrom('a', 'b', '__proto__'), partition: fc.nat(3) });
const wire = ({ topic, partition }: { topic: string; partition: number }, i: number): WireRecord => ({
  ...{ topic, partition, key: `${i}`, value: null, headers: {} },
});
const chosen = ({ partition }: WireRecord): number => partition ?? -1;

describe('records of several topics and partitions', () => {
  it('come each into one batch, in their order, and every position is where that batch puts the record', () => {
    fc.assert(
      fc.property(fc.array(record), (drawn) => {
        const records = drawn.map(wire);
        const grouped = groupRecords(records, chosen);
        const names = grouped.batches.map(({ topic, partition }) => `${topic}/${partition}`);
        expect(new Set(names).size).toBe(names.length);
        for (const { topic, partition, messages } of grouped.batches)
          expect(messages).toEqual(records.filter((one) => one.topic === topic && one.partition === partition));

        const base = new Map(names.map((name, i) => [name, BigInt(i) * 1000n]));
        const positions = positionsOf(grouped, ({ topic, partition }) => base.get(`${topic}/${partition}`) ?? -1n);
        const lying = new Map(
          grouped.batches.flatMap(({ topic, partition, messages }, i) =>
            (messages as readonly WireRecord[]).map(
              (message, at) => [message, { topic, partition, offset: String(i * 1000 + at) }] as const,
            ),
          ),
        );
        expect(positions).toEqual(records.map((one) => lying.get(one)));
      }),
    );
  });
});

describe('a batch that the broker has written before', () => {
  it('has no offset to count from: -1 for each record', () => {
    const grouped = groupRecords([wire({ topic: 'a', partition: 0 }, 0), wire({ topic: 'a', partition: 0 }, 1)], chosen);
    expect(positionsOf(grouped, () => -1n).map(({ offset }) => offset)).toEqual(['-1', '-1']);
  });
});
