import { CorruptBatchError } from './corrupt-batch.js';
import { checkBatch, type FetchedBatch, memoryOf, openBatch } from './fetched-batch.js';
import { type FetchedRecord, kafkajsModule, type ProtocolDecoder } from './kafkajs-modules.js';

const LENGTH_AT = 8;
const MAGIC_AT = 16;
const BATCH_HEADER = 61;
const MAGIC = 2;

type DecodeMessages = (decoder: ProtocolDecoder) => Promise<FetchedBatch[]>;
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
 * The batches of one partition in a fetch response, where stock has their records. Every batch's checksum is checked, which stock does not; a batch that
 * the response cuts off is left for the next fetch. Throws a CorruptBatchError.
 */
export const createDecodeMessages = (stock = stockDecoders()): DecodeMessages => {
  return async (decoder) => {
    const size = decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    const bytes = decoder.readBytes(size);
    if (size <= MAGIC_AT) return [];
    return bytes[MAGIC_AT] === MAGIC ? openBatches(bytes) : asBatches(await stock.messageSet(new stock.Decoder(bytes), size));
  };
};

/** Records that were read already, as stock reads them. */
export const asBatches = (records: readonly FetchedRecord[]): FetchedBatch[] => {
  const last = records.at(-1);
  if (last === undefined) return [];
  const { offset, batchContext } = last;
  const size = records.reduce((bytes, record) => bytes + memoryOf(record), 0);
  // A message set of old has no batch around it.
  const end = batchContext && BigInt(batchContext.firstOffset) + BigInt(batchContext.lastOffsetDelta);
  return [{ last: end ?? BigInt(offset), size, read: () => records }];
};

const openBatches = async (bytes: Buffer): Promise<FetchedBatch[]> => {
  const batches: FetchedBatch[] = [];
  let start = 0;
  while (bytes.length - start >= BATCH_HEADER) {
    const end = start + LENGTH_AT + 4 + bytes.readInt32BE(start + LENGTH_AT);
    // Cut off by the fetch's size, or of the old format: the next fetch begins here and reads it whole.
    if (end > bytes.length || bytes[start + MAGIC_AT] !== MAGIC) break;
    if (end - start < BATCH_HEADER) {
      throw new CorruptBatchError('it is shorter than its header', bytes.readBigInt64BE(start).toString());
    }
    checkBatch(bytes, start, end);
    batches.push(await openBatch(bytes, start, end));
    start = end;
  }
  return batches;
};
