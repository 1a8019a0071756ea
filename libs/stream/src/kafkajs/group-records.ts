import type { Position } from '#record';
import { type Packed, pack } from '../codec/index.js';
import type { Memory } from '../codec/slabs.js';
import type { WireRecord } from '../port.js';

/** The records of one partition, in the order given. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: Packed<WireRecord>;
}

/** Records by the partition that each goes to, ready to be written. */
export interface GroupedRecords {
  readonly batches: readonly PartitionBatch[];
  /** The place in `batches` of each record's batch, in the order of the records. */
  readonly batchOf: Int32Array;
}

/** Groups records by partition and packs them. Each is asked for its partition once: a repeated send must not move it (K4). */
export function groupRecords(
  records: readonly WireRecord[],
  partitionOf: (record: WireRecord) => number,
  memory?: Memory,
): GroupedRecords {
  const batches: { topic: string; partition: number; messages: WireRecord[] }[] = [];
  const batchOf = new Int32Array(records.length);
  const known = new Map<string, (number | undefined)[]>();
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as WireRecord;
    const { topic } = record;
    const partition = partitionOf(record);
    let places = known.get(topic);
    if (places === undefined) {
      places = [];
      known.set(topic, places);
    }
    let place = places[partition];
    if (place === undefined) {
      place = batches.push({ topic, partition, messages: [] }) - 1;
      places[partition] = place;
    }
    batches[place]?.messages.push(record);
    batchOf[i] = place;
  }
  return { batches: batches.map((batch) => ({ ...batch, messages: pack(batch.messages, memory) })), batchOf };
}

/** Where each record came to lie, in their order, from the offset of the first record of each batch; -1 stays -1. */
export function positionsOf({ batches, batchOf }: GroupedRecords, baseOf: (batch: PartitionBatch) => bigint): Position[] {
  const next = batches.map((batch) => baseOf(batch));
  return Array.from(batchOf, (place) => {
    const { topic, partition } = batches[place] as PartitionBatch;
    const offset = next[place] as bigint;
    if (offset >= 0n) next[place] = offset + 1n;
    return { topic, partition, offset: String(offset) };
  });
}
