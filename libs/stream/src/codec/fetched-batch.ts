import { crc32c } from '@node-rs/crc32';
import { CorruptBatchError } from './corrupt-batch.js';
import type { BatchContext, FetchedRecord } from './kafkajs-modules.js';
import { RecordReader } from './record-reader.js';
import { unpack } from './unpack.js';

const LOG_APPEND_TIME_FLAG = 0x8;
const TRANSACTIONAL_FLAG = 0x10;
const CONTROL_FLAG = 0x20;
const LOG_APPEND_TIME = 1;
const CREATE_TIME = 0;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const CODEC_MASK = 0x7;
const UNCOMPRESSED = 0;

/** Throws a CorruptBatchError unless the batch at `start … end` has the checksum that it carries. */
export const checkBatch = (bytes: Buffer, start: number, end: number): void => {
  if (crc32c(bytes.subarray(start + CRC_AT + 4, end)) !== bytes.readUInt32BE(start + CRC_AT)) {
    throw new CorruptBatchError('its checksum is wrong', bytes.readBigInt64BE(start).toString());
  }
};

/** A batch that was fetched and found sound, but whose records are not read yet: as bytes they cost the garbage collector nothing. */
export interface FetchedBatch {
  /** The last offset that it covers, also where compaction has left no record there. */
  readonly last: bigint;
  /** Bytes that its records take in memory. */
  readonly size: number;
  /** Its records, each read when it is asked for. Throws a CorruptBatchError. */
  readonly read: () => Iterable<FetchedRecord>;
}

/** What a record takes beside its key and its value, about. */
const RECORD_OVERHEAD = 100;

/** How many bytes a record takes in memory, about. */
export const memoryOf = ({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }): number =>
  RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);

/** Opens the batch (magic 2) at `start … end`. Throws a CorruptBatchError where it cannot be unpacked. */
export const openBatch = async (bytes: Buffer, start: number, end: number): Promise<FetchedBatch> => {
  const codec = bytes.readInt16BE(start + ATTRIBUTES_AT) & CODEC_MASK;
  const count = bytes.readInt32BE(start + COUNT_AT);
  const context = readContext(bytes, start);
  const last = BigInt(context.firstOffset) + BigInt(context.lastOffsetDelta);
  const stretch: Stretch = { buffer: bytes, start: start + RECORDS_AT, end };
  if (codec === UNCOMPRESSED || count <= 0)
    return { last, size: end - start, read: () => (codec === UNCOMPRESSED ? readRecords(stretch, count, context) : []) };
  const buffer = await unpack(codec, bytes.subarray(stretch.start, end), context.firstOffset);
  return { last, size: buffer.length, read: () => readRecords({ buffer, start: 0, end: buffer.length }, count, context) };
};

interface Stretch {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

function* readRecords({ buffer, start, end }: Stretch, count: number, batchContext: BatchContext): Generator<FetchedRecord> {
  const firstOffset = BigInt(batchContext.firstOffset);
  const firstTimestamp = BigInt(batchContext.firstTimestamp);
  const fixedTimestamp = batchContext.timestampType === LOG_APPEND_TIME ? batchContext.maxTimestamp : undefined;
  const baseOffset = asSafeNumber(firstOffset);
  const baseTimestamp = asSafeNumber(firstTimestamp);
  const reader = new RecordReader(buffer, end);
  let lastDelta: number | bigint = 0;
  let timestamp = batchContext.firstTimestamp;
  let next = start;
  for (let i = 0; i < count; i++) {
    reader.enter(next, end);
    const length = reader.varint();
    next = reader.at + length;
    if (length < 0 || next > end) throw new CorruptBatchError('a record does not fit', batchContext.firstOffset);
    reader.enter(reader.at, next);
    const attributes = reader.int8();
    const delta = reader.varlong();
    if (delta !== lastDelta) {
      timestamp = plus(baseTimestamp, firstTimestamp, delta);
      lastDelta = delta;
    }
    const offset = plus(baseOffset, firstOffset, reader.varint());
    const key = reader.bytes();
    const value = reader.bytes();
    const headers = reader.headers();
    if (reader.broken || reader.at > next) throw new CorruptBatchError('a field does not fit', batchContext.firstOffset);
    yield {
      magicByte: batchContext.magicByte,
      attributes,
      timestamp: fixedTimestamp ?? timestamp,
      offset,
      key,
      value,
      headers,
      isControlRecord: batchContext.isControlBatch,
      batchContext,
    };
  }
}

const readContext = (bytes: Buffer, start: number): BatchContext => {
  const attributes = bytes.readInt16BE(start + ATTRIBUTES_AT);
  return {
    firstOffset: bytes.readBigInt64BE(start).toString(),
    firstTimestamp: bytes.readBigInt64BE(start + 27).toString(),
    partitionLeaderEpoch: bytes.readInt32BE(start + 12),
    inTransaction: (attributes & TRANSACTIONAL_FLAG) > 0,
    isControlBatch: (attributes & CONTROL_FLAG) > 0,
    lastOffsetDelta: bytes.readInt32BE(start + 23),
    producerId: bytes.readBigInt64BE(start + 43).toString(),
    producerEpoch: bytes.readInt16BE(start + 51),
    firstSequence: bytes.readInt32BE(start + 53),
    maxTimestamp: bytes.readBigInt64BE(start + 35).toString(),
    timestampType: (attributes & LOG_APPEND_TIME_FLAG) > 0 ? LOG_APPEND_TIME : CREATE_TIME,
    magicByte: bytes.readInt8(start + 16),
  };
};

// Half the safe range, so that adding any 32-bit delta stays exact.
const HALF = 2n ** 52n;
const asSafeNumber = (value: bigint): number | undefined => (value > -HALF && value < HALF ? Number(value) : undefined);

const plus = (base: number | undefined, exact: bigint, delta: number | bigint): string =>
  base !== undefined && typeof delta === 'number' ? String(base + delta) : String(exact + BigInt(delta));
