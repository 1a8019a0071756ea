import type { Encoded } from './kafkajs-modules.js';

/** Encoded bytes in one buffer of exactly their size, in the shape of kafkajs's Encoder; `room` bytes in front are still free. */
export class ExactBytes implements Encoded {
  constructor(
    readonly whole: Buffer,
    readonly room = 0,
  ) {}

  get buf(): Buffer {
    return this.buffer;
  }

  get buffer(): Buffer {
    return this.room === 0 ? this.whole : this.whole.subarray(this.room);
  }

  size(): number {
    return this.whole.length - this.room;
  }
}

/** Bytes that a nullable string takes behind its 16-bit length. */
export const sizeOfString = (text: string | null | undefined): number => 2 + (text == null ? 0 : Buffer.byteLength(text));

/** Writes a nullable string with its 16-bit length and returns the offset behind it. */
export const writeString = (target: Buffer, offset: number, text: string | null | undefined): number => {
  if (text == null) return target.writeInt16BE(-1, offset);
  const length = target.write(text, offset + 2, 'utf8');
  target.writeInt16BE(length, offset);
  return offset + 2 + length;
};
