import { ExactBytes, sizeOfString, writeString } from './exact-bytes.js';
import type { Int64Source } from './int64.js';
import type { ProtocolRequest } from './kafkajs-modules.js';
import { PackedBatch, packBatch, stampBatch } from './outgoing-batch.js';
import type { OutgoingMessage } from './outgoing-record.js';

const PRODUCE = 0;
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

/** The produce request, written into one buffer of exactly its size. Compressed batches stay with stock. */
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

const encode = (options: ProduceOptions, room: number): ExactBytes => {
  const batches: PackedBatch[] = [];
  const whole = Buffer.allocUnsafe(room + measure(options, batches));
  let batch = 0;
  let at = writeString(whole, room, options.transactionalId);
  at = whole.writeInt16BE(options.acks, at);
  at = whole.writeInt32BE(options.timeout, at);
  at = whole.writeInt32BE(options.topicData.length, at);
  for (const { topic, partitions } of options.topicData) {
    at = writeString(whole, at, topic);
    at = whole.writeInt32BE(partitions.length, at);
    for (const data of partitions) {
      const packed = batches[batch++] as PackedBatch;
      at = whole.writeInt32BE(Number(data.partition), at);
      at = whole.writeInt32BE(packed.bytes.length, at);
      at = stampBatch(whole, at, packed, producerOf(options, data));
    }
  }
  return new ExactBytes(whole, room);
};

const measure = (options: ProduceOptions, batches: PackedBatch[]): number => {
  let size = sizeOfString(options.transactionalId) + 2 + 4 + 4;
  for (const { topic, partitions } of options.topicData) {
    size += sizeOfString(topic) + 4;
    for (const { messages } of partitions) {
      const packed = messages instanceof PackedBatch ? messages : packBatch(messages);
      batches.push(packed);
      size += 8 + packed.bytes.length;
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
