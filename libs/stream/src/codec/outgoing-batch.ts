import { crc32c } from '@node-rs/crc32';
import { type Int64Source, toInt64 } from './int64.js';
import { LengthTape } from './length-tape.js';
import { measureRecord, type OutgoingMessage, writeRecord } from './outgoing-record.js';
import type { Memory } from './slabs.js';

/** Bytes that stand in front of the records of a batch (Protocol guide, "Record Batch", magic 2). */
export const BATCH_HEADER = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;

type Timestamp = string | number;

/** One partition's records as they are written, without what stands in front of them. */
export class PackedBatch {
  constructor(
    readonly records: Buffer,
    /** How many. */
    readonly length: number,
    /** The first and the last timestamp, in milliseconds. */
    readonly first: bigint,
    readonly last: bigint,
  ) {}

  /** Bytes of the whole batch. */
  get size(): number {
    return BATCH_HEADER + this.records.length;
  }
}

/** Who writes the batch, as the broker's idempotence and transactions need it. */
export interface BatchProducer {
  readonly producerId: Int64Source;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly transactional: boolean;
}

const tape = new LengthTape();

/** Writes one partition's messages as the records of one uncompressed batch; messages without a timestamp get the time of now. */
export const packBatch = (messages: readonly OutgoingMessage[], memory: Memory = Buffer.allocUnsafe): PackedBatch => {
  const now = Date.now();
  const { first, last } = timestampRange(messages, now);
  tape.rewind();
  let size = 0;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as OutgoingMessage;
    size += measureRecord(message, i, deltaOf(message, now, first), tape);
  }
  const target = memory(size);
  tape.rewind();
  let at = 0;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as OutgoingMessage;
    at = writeRecord(target, at, message, i, deltaOf(message, now, first), tape);
  }
  if (at !== size) throw new Error('a record batch changed between measuring and writing');
  return new PackedBatch(target, messages.length, toInt64(first), toInt64(last));
};

/** Writes what stands in front of a packed batch, as this producer's, and returns the offset behind it, where its records belong. */
export const writeBatchHeader = (target: Buffer, offset: number, batch: PackedBatch, producer: BatchProducer): number => {
  const { records, length, first, last, size } = batch;
  target.writeBigInt64BE(0n, offset); // the broker assigns offsets
  target.writeInt32BE(size - 12, offset + 8);
  target.writeInt32BE(0, offset + 12); // the partition leader's epoch is the broker's to fill in
  target.writeInt8(MAGIC, offset + 16);
  target.writeInt16BE(producer.transactional ? TRANSACTIONAL : 0, offset + ATTRIBUTES_AT);
  target.writeInt32BE(length - 1, offset + 23);
  target.writeBigInt64BE(first, offset + 27);
  target.writeBigInt64BE(last, offset + 35);
  target.writeBigInt64BE(toInt64(producer.producerId), offset + 43);
  target.writeInt16BE(producer.producerEpoch, offset + 51);
  target.writeInt32BE(producer.firstSequence, offset + 53);
  target.writeInt32BE(length, offset + 57);
  const end = offset + BATCH_HEADER;
  target.writeUInt32BE(crc32c(records, crc32c(target.subarray(offset + ATTRIBUTES_AT, end))), offset + CRC_AT);
  return end;
};

// Stock sorts the timestamps as text and takes the ends; the order as text is kept so that the bytes are the same.
const timestampRange = (messages: readonly OutgoingMessage[], now: number): { first: Timestamp; last: Timestamp } => {
  let first: Timestamp | undefined;
  let last: Timestamp | undefined;
  for (const { timestamp } of messages) {
    if (timestamp === null || timestamp === undefined || timestamp === last) continue;
    if (first === undefined || last === undefined) {
      first = timestamp;
      last = timestamp;
    } else if (String(timestamp) < String(first)) {
      first = timestamp;
    } else if (String(timestamp) >= String(last)) {
      last = timestamp;
    }
  }
  return { first: first ?? now, last: last ?? now };
};

const deltaOf = (message: OutgoingMessage, now: number, first: Timestamp): number => {
  const { timestamp } = message;
  // As in stock, an explicit 0 counts as no timestamp here.
  if (timestamp && timestamp === first) return 0;
  return Number(timestamp || now) - Number(first);
};
