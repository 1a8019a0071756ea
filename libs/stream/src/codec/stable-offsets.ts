import { kafkajsModule, type ProtocolRequest } from './kafkajs-modules.js';

const OFFSET_FETCH = 9;
const VERSION = 7; // the first that can ask for stable offsets; kafkajs ends at 4
/** "No tagged fields": ends every structure of a flexible version. */
const NO_TAGS = 0;

interface Writer {
  writeInt8(value: number): Writer;
  writeInt32(value: number): Writer;
  writeBoolean(value: boolean): Writer;
  writeUVarInt(value: number): Writer;
  writeUVarIntString(value: string): Writer;
  readonly buf: Buffer;
  readonly buffer: Buffer;
  size(): number;
}

interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readUVarIntString(): string | null;
  readUVarIntArray<T>(read: (decoder: Decoder) => T): T[] | null;
  readTaggedFields(): void;
}

/** A request with the reader of its answer, as kafkajs's connections take it. */
export interface Exchange<Answer> {
  readonly request: ProtocolRequest;
  readonly response: {
    decode(raw: Buffer): Promise<Answer>;
    parse(answer: Answer): Promise<Answer>;
  };
}

/** One partition's committed offset; -1 where there is none. */
interface StableOffset {
  readonly offset: string;
  readonly errorCode: number;
}

/**
 * Asks for a partition's committed offset, and for an error (`UNSTABLE_OFFSET_COMMIT`) while a transaction that consumed it is open
 * (KIP-447, OffsetFetch version 7 with `require_stable`). Without it the broker gives the offset from before that transaction, whose
 * records would be handled twice once it turns out to be committed.
 */
export const stableOffset = (groupId: string, topic: string, partition: number): Exchange<StableOffset> => ({
  request: {
    apiKey: OFFSET_FETCH,
    apiVersion: VERSION,
    apiName: 'OffsetFetch',
    encode: async () => {
      const Encoder = kafkajsModule<new () => Writer>('protocol/encoder');
      return new Encoder()
        .writeUVarInt(NO_TAGS) // the header's: kafkajs writes version 1 of it, version 2 is the same with tags at its end
        .writeUVarIntString(groupId)
        .writeUVarInt(2) // lengths of compact arrays are one more than their number
        .writeUVarIntString(topic)
        .writeUVarInt(2)
        .writeInt32(partition)
        .writeUVarInt(NO_TAGS)
        .writeBoolean(true)
        .writeUVarInt(NO_TAGS);
    },
  },
  response: { decode: async (raw) => decode(raw), parse: async (answer) => refused(answer) },
});

function decode(raw: Buffer): StableOffset {
  const Reader = kafkajsModule<new (raw: Buffer) => Decoder>('protocol/decoder');
  const decoder = new Reader(raw);
  decoder.readTaggedFields();
  decoder.readInt32(); // throttled for so long already
  const topics = decoder.readUVarIntArray((inTopic) => {
    inTopic.readUVarIntString();
    const partitions = inTopic.readUVarIntArray((inPartition) => {
      inPartition.readInt32();
      const offset = inPartition.readInt64().toString();
      inPartition.readInt32(); // leader epoch
      inPartition.readUVarIntString(); // metadata
      const errorCode = inPartition.readInt16();
      inPartition.readTaggedFields();
      return { offset, errorCode };
    });
    inTopic.readTaggedFields();
    return partitions;
  });
  const errorCode = decoder.readInt16(); // of the whole group
  const found = topics?.[0]?.[0] ?? { offset: '-1', errorCode: 0 };
  return errorCode === 0 ? found : { ...found, errorCode };
}

function refused(answer: StableOffset): StableOffset {
  const { createErrorFromCode } = kafkajsModule<{ createErrorFromCode(code: number): Error }>('protocol/error');
  if (answer.errorCode !== 0) throw createErrorFromCode(answer.errorCode);
  return answer;
}
