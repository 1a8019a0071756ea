import { crc32c } from '@node-rs/crc32';
import { type Int64Source, toInt64 } from './int64.js';
import { LengthTape } from './length-tape.js';
import { measureRecord, type OutgoingMessage, writeRecord } from './outgoing-record.js';

/** What stands in front of the records of a batch (Protocol guide, "Record Batch", magic 2). */
const BATCH_HEADER = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;

type Timestamp = string | number;

/** One partition's records as they are written, all but who writes them. */
export class PackedBatch {
  constructor(
    readonly bytes: Buffer,
    /** How many records. */
    readonly length: number,
  ) {}
}

/** Who writes the batch, as the broker's idempotence and transactions need it. */
export interface BatchProducer {
  readonly producerId: Int64Source;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly transactional: boolean;
}

const tape = new LengthTape();

/** Writes one partition's messages as one uncompressed batch of exactly its size; messages without a timestamp get the time of now. */
export const packBatch = (messages: readonly OutgoingMessage[]): PackedBatch => {
  const now = Date.now();
  const { first, last } = timestampRange(messages, now);
  tape.rewind();
  let size = BATCH_HEADER;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as OutgoingMessage;
    size += measureRecord(message, i, deltaOf(message, now, first), tape);
  }
  const target = Buffer.allocUnsafe(size);
  target.writeBigInt64BE(0n, 0); // the broker assigns offsets
  target.writeInt32BE(size - 12, 8);
  target.writeInt32BE(0, 12); // the partition leader's epoch is the broker's to fill in
  target.writeInt8(MAGIC, 16);
  target.writeInt32BE(messages.length - 1, 23);
  target.writeBigInt64BE(toInt64(first), 27);
  target.writeBigInt64BE(toInt64(last), 35);
  target.writeInt32BE(messages.length, 57);
  tape.rewind();
  let at = BATCH_HEADER;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as OutgoingMessage;
    at = writeRecord(target, at, message, i, deltaOf(message, now, first), tape);
  }
  if (at !== size) throw new Error('a record batch changed between measuring and writing');
  return new PackedBatch(target, messages.length);
};

/** Writes a packed batch as this producer's and returns the offset behind it. */
export const stampBatch = (target: Buffer, offset: number, { bytes }: PackedBatch, producer: BatchProducer): number => {
  const end = offset + bytes.length;
  target.set(bytes, offset);
  target.writeInt16BE(producer.transactional ? TRANSACTIONAL : 0, offset + ATTRIBUTES_AT);
  target.writeBigInt64BE(toInt64(producer.producerId), offset + 43);
  target.writeInt16BE(producer.producerEpoch, offset + 51);
  target.writeInt32BE(producer.firstSequence, offset + 53);
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
