import type { Int64Source } from './int64.js';
import type { ProtocolRequest } from './kafkajs-modules.js';
import { BATCH_HEADER, PackedBatch, packBatch, writeBatchHeader } from './outgoing-batch.js';
import type { OutgoingMessage } from './outgoing-record.js';
import { Pieces, sizeOfString, writeString } from './pieces.js';

const PRODUCE = 0;
/** Below this size one buffer is written more cheaply than several. */
const JOIN_BELOW = 32 * 1024;
const VERSION = 3; // versions 4 to 7 take this request and change the number only

/** What kafkajs's producer asks to be written. */
export interface ProduceOptions {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: Int64Source;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly TopicData[];
}

interface TopicData {
  readonly topic: string;
  readonly partitions: readonly PartitionData[];
}

interface PartitionData {
  readonly partition: number | string;
  /** As kafkajs's producer has them, or packed already. */
  readonly messages: readonly OutgoingMessage[] | PackedBatch;
  readonly firstSequence?: number;
}

type CreateProduce = (options: ProduceOptions) => ProtocolRequest;

/** The produce request: the records of each batch as they were packed, and what stands between them. Compressed batches stay with stock. */
export const produceRequest =
  (stock: CreateProduce): CreateProduce =>
  (options) =>
    options.compression ? stock(options) : uncompressed(options);

const uncompressed = (options: ProduceOptions): ProtocolRequest => ({
  apiKey: PRODUCE,
  apiVersion: VERSION,
  apiName: 'Produce',
  expectResponse: () => options.acks !== 0,
  encode: async (room = 0) => encode(options, room),
});

const encode = (options: ProduceOptions, room: number): Pieces => {
  const batches: PackedBatch[] = [];
  const between = Buffer.allocUnsafe(room + measureBetween(options, batches));
  const pieces: Buffer[] = [];
  let batch = 0;
  let at = writeString(between, room, options.transactionalId);
  at = between.writeInt16BE(options.acks, at);
  at = between.writeInt32BE(options.timeout, at);
  at = between.writeInt32BE(options.topicData.length, at);
  let from = 0;
  for (const { topic, partitions } of options.topicData) {
    at = writeString(between, at, topic);
    at = between.writeInt32BE(partitions.length, at);
    for (const data of partitions) {
      const packed = batches[batch++] as PackedBatch;
      at = between.writeInt32BE(Number(data.partition), at);
      at = between.writeInt32BE(packed.size, at);
      at = writeBatchHeader(between, at, packed, producerOf(options, data));
      pieces.push(between.subarray(from, at), packed.records);
      from = at;
    }
  }
  if (from < at) pieces.push(between.subarray(from)); // topics without partitions
  const [first = between, ...rest] = pieces;
  const written = new Pieces(first, rest, room);
  return written.size() < JOIN_BELOW ? written.joined() : written;
};

/** Bytes of all but the records; finds the batches in order. */
const measureBetween = (options: ProduceOptions, batches: PackedBatch[]): number => {
  let size = sizeOfString(options.transactionalId) + 2 + 4 + 4;
  for (const { topic, partitions } of options.topicData) {
    size += sizeOfString(topic) + 4;
    for (const { messages } of partitions) {
      batches.push(messages instanceof PackedBatch ? messages : packBatch(messages));
      size += 4 + 4 + BATCH_HEADER;
    }
  }
  return size;
};

const producerOf = (options: ProduceOptions, data: PartitionData) => ({
  producerId: options.producerId ?? -1,
  producerEpoch: options.producerEpoch ?? 0,
  firstSequence: data.firstSequence ?? 0,
  transactional: Boolean(options.transactionalId),
});
