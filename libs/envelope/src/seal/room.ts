/** Of a usual envelope: a record of 1 KB makes one of 3 KB. */
const USUAL_BYTES = 4 * 1024;
const MOST_BYTES = 256 * 1024;

/**
 * Memory for the envelopes of one batch, in few large pieces: asked for one by one, the memory of each two envelopes would be a thing of its
 * own for the garbage collector. What is taken lives as long as any of its piece does, which is until the batch is written.
 */
export class Room {
  private piece = Buffer.alloc(0);
  private at = 0;
  private readonly size: number;

  /** `count` envelopes are expected. */
  constructor(count: number) {
    this.size = Math.min(count * USUAL_BYTES, MOST_BYTES);
  }

  /** So many bytes of whatever was there before. */
  take(bytes: number): Buffer {
    if (bytes > this.piece.length - this.at) {
      this.piece = Buffer.allocUnsafeSlow(Math.max(bytes, this.size));
      this.at = 0;
    }
    const from = this.piece.byteOffset + this.at;
    this.at += bytes;
    return Buffer.from(this.piece.buffer as ArrayBuffer, from, bytes);
  }
}
