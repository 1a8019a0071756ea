import { randomBytes } from 'node:crypto';
import type { ByteSource } from './byte-source.js';
import type { Partitioner } from './group-by-partition.js';

const SEED = 0x9747b28c;
const MIX = 0x5bd1e995;
const ROTATE = 24;

/** The hash by which Java clients spread keys, in 32-bit arithmetic; stock computes it with big integers. */
export const murmur2 = (key: ByteSource): number => {
  const data = bytesOf(key);
  const length = data.length;
  const whole = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    let word = Math.imul(data.readInt32LE(i), MIX);
    word = Math.imul(word ^ (word >>> ROTATE), MIX);
    hash = Math.imul(hash, MIX) ^ word;
  }
  if (length > whole) {
    for (let i = whole; i < length; i++) hash ^= (data[i] as number) << ((i - whole) * 8);
    hash = Math.imul(hash, MIX);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return hash ^ (hash >>> 15);
};

const bytesOf = (key: ByteSource): Buffer => {
  if (Buffer.isBuffer(key)) return key;
  return key instanceof Uint8Array ? Buffer.from(key.buffer, key.byteOffset, key.length) : Buffer.from(String(key));
};

const positive = (value: number): number => value & 0x7fffffff;

/**
 * kafkajs's default: the partition that the message names, else by the hash of its key, else in turn over the partitions
 * that have a leader. Stock builds the list of those partitions for every message, also where nobody looks at it.
 */
export const createPartitioner = (): Partitioner => {
  const turns = new Map<string, number>();
  return ({ topic, partitionMetadata, message }) => {
    const { partition, key } = message;
    if (partition !== null && partition !== undefined) return partition;
    if (key !== null && key !== undefined) return positive(murmur2(key)) % partitionMetadata.length;
    const turn = (turns.get(topic) ?? randomBytes(4).readUInt32BE(0)) + 1;
    turns.set(topic, turn);
    const led = partitionMetadata.filter(({ leader }) => leader >= 0);
    const chosen = led[positive(turn) % led.length];
    return chosen === undefined ? positive(turn) % partitionMetadata.length : chosen.partitionId;
  };
};
