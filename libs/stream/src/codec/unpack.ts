import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import { CorruptBatchError } from './corrupt-batch.js';
import { kafkajsModule } from './kafkajs-modules.js';

const GZIP = 1;
/** Far above what a batch of 2 MiB holds in earnest; stock would unpack without a bound, a thousand times the batch's size. */
const MOST_BYTES = 64 * 1024 * 1024;

interface Codec {
  decompress(packed: Buffer): Promise<Buffer>;
}
interface Compression {
  lookupCodec(codec: number): Codec | null;
}

const gunzip = promisify(unzip);

/**
 * Unpacks the records of a compressed batch: gzip within a bound, other codecs where one was plugged into kafkajs. Without
 * one, kafkajs's error says so: topics that strangers write to should have `compression.type=uncompressed`, so that the
 * broker unpacks. Throws a CorruptBatchError where there is nothing sound to unpack.
 */
export const unpack = async (codec: number, packed: Buffer, offset: string): Promise<Buffer> => {
  if (codec !== GZIP) {
    const plugged = kafkajsModule<Compression>('protocol/message/compression').lookupCodec(codec);
    if (plugged === null) throw new CorruptBatchError(`codec ${codec} does not exist`, offset);
    return plugged.decompress(packed);
  }
  try {
    return await gunzip(packed, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw new CorruptBatchError(`it cannot be unpacked (${codeOf(error)})`, offset);
  }
};

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
