import { crc32c } from '@node-rs/crc32';
import { type Int64Source, toInt64 } from './int64.js';
import type { LengthTape } from './length-tape.js';
import { measureRecord, type OutgoingMessage, writeRecord } from './outgoing-record.js';

/** What stands in front of the records of a batch (Protocol guide, "Record Batch", magic 2). */
const BATCH_HEADER = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;

type Timestamp = string | number;

/** A batch that is measured and waits to be written. */
export interface MeasuredBatch {
  readonly messages: readonly OutgoingMessage[];
  readonly size: number;
  readonly now: number;
  readonly firstTimestamp: Timestamp;
  readonly maxTimestamp: Timestamp;
}

/** Who writes the batch, as the broker's idempotence and transactions need it. */
export interface BatchProducer {
  readonly producerId: Int64Source;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly transactional: boolean;
}

/** Measures one partition's messages as one uncompressed batch; messages without a timestamp get `now`. */
export const measureBatch = (messages: readonly OutgoingMessage[], now: number, tape: LengthTape): MeasuredBatch => {
  const { first, last } = timestampRange(messages, now);
  let size = BATCH_HEADER;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as OutgoingMessage;
    size += measureRecord(message, i, deltaOf(message, now, first), tape);
  }
  return { messages, size, now, firstTimestamp: first, maxTimestamp: last };
};

/** Writes a measured batch and returns the offset behind it. */
export const writeBatch = (
  target: Buffer,
  offset: number,
  batch: MeasuredBatch,
  producer: BatchProducer,
  tape: LengthTape,
): number => {
  const { messages, size, now, firstTimestamp } = batch;
  const end = offset + size;
  target.writeBigInt64BE(0n, offset); // the broker assigns offsets
  target.writeInt32BE(size - 12, offset + 8);
  target.writeInt32BE(0, offset + 12); // the partition leader's epoch is the broker's to fill in
  target.writeInt8(MAGIC, offset + 16);
  target.writeInt16BE(producer.transactional ? TRANSACTIONAL : 0, offset + ATTRIBUTES_AT);
  target.writeInt32BE(messages.length - 1, offset + 23);
  target.writeBigInt64BE(toInt64(firstTimestamp), offset + 27);
  target.writeBigInt64BE(toInt64(batch.maxTimestamp), offset + 35);
  target.writeBigInt64BE(toInt64(producer.producerId), offset + 43);
  target.writeInt16BE(producer.producerEpoch, offset + 51);
  target.writeInt32BE(producer.firstSequence, offset + 53);
  target.writeInt32BE(messages.length, offset + 57);
  let at = offset + BATCH_HEADER;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as OutgoingMessage;
    at = writeRecord(target, at, message, i, deltaOf(message, now, firstTimestamp), tape);
  }
  if (at !== end) throw new Error('a record batch changed between measuring and writing');
  target.writeUInt32BE(crc32c(target.subarray(offset + ATTRIBUTES_AT, end)), offset + CRC_AT);
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
