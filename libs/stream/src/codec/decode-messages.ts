import { CorruptBatchError } from './corrupt-batch.js';
import { noteFetchEnd } from './fetch-end.js';
import { checkBatch, readBatch } from './fetched-batch.js';
import { type FetchedRecord, kafkajsModule, type ProtocolDecoder } from './kafkajs-modules.js';

const LENGTH_AT = 8;
const MAGIC_AT = 16;
const LAST_OFFSET_DELTA_AT = 23;
const BATCH_HEADER = 61;
const MAGIC = 2;

type DecodeMessages = (decoder: ProtocolDecoder) => Promise<FetchedRecord[]>;
type NewDecoder = new (buffer: Buffer) => ProtocolDecoder;

/** The parts of stock that stay in charge of message sets from before Kafka 0.11. */
interface StockDecoders {
  readonly Decoder: NewDecoder;
  readonly messageSet: (decoder: ProtocolDecoder, size: number) => Promise<FetchedRecord[]>;
}

const stockDecoders = (): StockDecoders => ({
  Decoder: kafkajsModule('protocol/decoder'),
  messageSet: kafkajsModule('protocol/messageSet/decoder'),
});

/**
 * The records of one partition in a fetch response. Every batch's checksum is checked, which stock does not; a batch that
 * the response cuts off is left for the next fetch. Throws a CorruptBatchError.
 */
export const createDecodeMessages = (stock = stockDecoders()): DecodeMessages => {
  return async (decoder) => {
    const size = decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    const bytes = decoder.readBytes(size);
    if (size <= MAGIC_AT) return [];
    return bytes[MAGIC_AT] === MAGIC ? readBatches(bytes) : stock.messageSet(new stock.Decoder(bytes), size);
  };
};

const readBatches = async (bytes: Buffer): Promise<FetchedRecord[]> => {
  const records: FetchedRecord[] = [];
  let start = 0;
  let lastOffset: bigint | undefined;
  while (bytes.length - start >= BATCH_HEADER) {
    const end = start + LENGTH_AT + 4 + bytes.readInt32BE(start + LENGTH_AT);
    // Cut off by the fetch's size, or of the old format: the next fetch begins here and reads it whole.
    if (end > bytes.length || bytes[start + MAGIC_AT] !== MAGIC) break;
    if (end - start < BATCH_HEADER) {
      throw new CorruptBatchError('it is shorter than its header', bytes.readBigInt64BE(start).toString());
    }
    checkBatch(bytes, start, end);
    await readBatch(bytes, start, end, records);
    lastOffset = bytes.readBigInt64BE(start) + BigInt(bytes.readInt32BE(start + LAST_OFFSET_DELTA_AT));
    start = end;
  }
  if (lastOffset !== undefined) noteFetchEnd(records, lastOffset);
  return records;
};
