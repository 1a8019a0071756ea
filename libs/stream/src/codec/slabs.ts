const SLAB_BYTES = 1024 * 1024;
/** How many are kept when nobody needs them: as many as a few chunks take. */
const MOST_SPARE = 8;

const spare: Buffer[] = [];

/** Gives so many bytes of whatever was there before. */
export type Memory = (bytes: number) => Buffer;

/**
 * Memory for the records of one transaction, used again after it: asked for anew each time, it would be the most of what makes V8 mark the
 * whole heap. What is larger than half a slab has memory of its own.
 */
export class Slabs {
  private readonly taken: Buffer[] = [];
  private at = SLAB_BYTES;

  readonly take: Memory = (bytes) => {
    if (bytes > SLAB_BYTES / 2) return Buffer.allocUnsafe(bytes);
    if (bytes > SLAB_BYTES - this.at) {
      this.taken.push(spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES));
      this.at = 0;
    }
    const slab = this.taken.at(-1) as Buffer;
    const from = this.at;
    this.at += bytes;
    return Buffer.from(slab.buffer as ArrayBuffer, from, bytes);
  };

  /** For others to write over. Only once nobody reads any of it any more: after an error it must be left to the garbage collector. */
  giveBack(): void {
    for (const slab of this.taken.splice(0)) if (spare.length < MOST_SPARE) spare.push(slab);
    this.at = SLAB_BYTES;
  }
}
