import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/**
 * Bytes as they lie on the disk: a head with a random salt, and frames of AES-256-GCM, each with its number and whether it is the last one in
 * its nonce. So nothing is given out before it was authenticated, little is in memory, and a file that was cut, extended or
 * reordered does not open. Each file has a key of its own (HKDF-SHA-256 of the store's secret and the salt), which is why nonces may count.
 */
const MAGIC = Buffer.from('khidi-c1');
const SALT_BYTES = 32;
const TAG_BYTES = 16;
export const FRAME_BYTES = 64 * 1024;
const HEAD_BYTES = MAGIC.length + SALT_BYTES;

/** How long a file is that holds so many bytes. */
export const sealedLength = (bytes: number): number =>
  HEAD_BYTES + bytes + TAG_BYTES * Math.max(1, Math.ceil(bytes / FRAME_BYTES));

/** Seals a stream of bytes, piece by piece, as long as it is. */
export async function* sealFrames(source: AsyncIterable<Buffer>, secret: Buffer): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const key = keyOf(secret, salt);
  yield Buffer.concat([MAGIC, salt]);
  const frame = Buffer.allocUnsafe(FRAME_BYTES); // one for all: what is sealed is a copy, and thousands would be left to collect
  let filled = 0;
  let number = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      // A full frame waits until something follows it: the last one is marked.
      if (filled === FRAME_BYTES) {
        yield* sealFrame(frame, key, number, false);
        number += 1;
        filled = 0;
      }
      const taken = chunk.copy(frame, filled, at);
      filled += taken;
      at += taken;
    }
  }
  yield* sealFrame(frame.subarray(0, filled), key, number, true);
}

/** Opens what {@link sealFrames} made of so many bytes, from one of them on. Throws a RangeError where the file is not that. */
export async function* openFrames(file: FileHandle, size: number, secret: Buffer, from = 0): AsyncGenerator<Buffer> {
  const head = await fill(file, Buffer.alloc(HEAD_BYTES), 0);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError('this is no sealed content');
  const key = keyOf(secret, head.subarray(MAGIC.length));
  const first = Math.floor(from / FRAME_BYTES);
  let at = HEAD_BYTES + first * (FRAME_BYTES + TAG_BYTES);
  const frame = Buffer.allocUnsafe(FRAME_BYTES + TAG_BYTES);
  const frames = Math.max(1, Math.ceil(size / FRAME_BYTES));
  for (let number = first; number < frames; number += 1) {
    const isLast = number === frames - 1;
    const length = (isLast ? size - number * FRAME_BYTES : FRAME_BYTES) + TAG_BYTES;
    const opened = openFrame(await fill(file, frame.subarray(0, length), at), key, number, isLast);
    yield number === first ? opened.subarray(from - first * FRAME_BYTES) : opened;
    at += length;
  }
}

function* sealFrame(bytes: Buffer, key: Buffer, number: number, isLast: boolean): Generator<Buffer> {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast));
  yield cipher.update(bytes);
  cipher.final();
  yield cipher.getAuthTag();
}

function openFrame(frame: Buffer, key: Buffer, number: number, isLast: boolean): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(frame.subarray(frame.length - TAG_BYTES));
  const opened = decipher.update(frame.subarray(0, frame.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new RangeError('a sealed content was altered'); // GCM says no more
  }
  return opened;
}

/** Fills all of `bytes` from a place in the file. */
async function fill(file: FileHandle, bytes: Buffer, position: number): Promise<Buffer> {
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) throw new RangeError('a sealed content is cut off');
    filled += bytesRead;
  }
  return bytes;
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

const keyOf = (secret: Buffer, salt: Buffer): Buffer => Buffer.from(hkdfSync('sha256', secret, salt, 'khidi 1 content', 32));
