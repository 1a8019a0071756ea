import type { Encoded } from './kafkajs-modules.js';

/**
 * An encoded request in the shape of kafkajs's Encoder, in pieces that are written one after another: what was packed before is not
 * copied again. `room` bytes at the beginning of the first piece are still free.
 */
export class Pieces implements Encoded {
  constructor(
    readonly first: Buffer,
    readonly rest: readonly Buffer[] = [],
    readonly room = 0,
  ) {}

  get buf(): Buffer {
    return this.buffer;
  }

  /** All of it as one, for whoever knows nothing of pieces. */
  get buffer(): Buffer {
    const { first } = this.joined();
    return this.room === 0 ? first : first.subarray(this.room);
  }

  /** The same in one piece. */
  joined(): Pieces {
    return this.rest.length === 0 ? this : new Pieces(Buffer.concat([this.first, ...this.rest]), [], this.room);
  }

  size(): number {
    return this.rest.reduce((sum, { length }) => sum + length, this.first.length - this.room);
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
