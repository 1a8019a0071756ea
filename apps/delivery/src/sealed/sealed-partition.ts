import { type Released, ReleasedReader, type SealedSource } from './released-reader.js';

/** How many bytes of envelopes one partition keeps for those who come a little later. */
const WINDOW_BYTES = 1024 * 1024;

/**
 * One partition of a sealed topic as all its consumers read it: fetched and verified once, and kept for a while. Reading never runs
 * further ahead of the fastest consumer than the window; whoever is too slow for it falls behind and reads by itself ({@link PartitionInput}).
 */
export class SealedPartition {
  private readonly window: Released[] = [];
  private bytes = 0;
  private reader: ReleasedReader | undefined;
  /** From here on everything is in the window. */
  private start = 0n;
  private fastest = 0n;

  constructor(
    private readonly source: SealedSource,
    readonly topic: string,
    readonly partition: number,
  ) {}

  /** The first run with something at or after `from`, undefined while there is none, `behind` where that is no longer kept. */
  after(from: bigint): Released | 'behind' | undefined {
    if (this.reader === undefined) {
      this.start = from;
      this.reader = new ReleasedReader(this.source, this.topic, this.partition, from);
    }
    if (from > this.fastest) this.fastest = from;
    this.fill();
    if (from < this.start) return 'behind';
    const run = this.window.find(({ next }) => next > from);
    if (run === undefined) return undefined;
    return { items: run.items.filter(({ record }) => BigInt(record.offset) >= from), next: run.next };
  }

  /** A reader of its own for somebody who fell behind. */
  catchUp(from: bigint): ReleasedReader {
    return new ReleasedReader(this.source, this.topic, this.partition, from);
  }

  async stop(): Promise<void> {
    await this.reader?.stop();
  }

  /** Takes what has come, as long as the window has room for it or holds nothing that the fastest still wants. */
  private fill(): void {
    for (;;) {
      for (let first = this.window[0]; first !== undefined && this.bytes > WINDOW_BYTES; first = this.window[0]) {
        if (first.next > this.fastest) return;
        this.window.shift();
        this.bytes -= sizeOf(first);
        this.start = first.next;
      }
      const run = this.reader?.take();
      if (run === undefined) return;
      const last = this.window.at(-1);
      // A run without records weighs nothing and would never leave the window: it is put to the one before.
      if (last !== undefined && run.items.length === 0) this.window.splice(-1, 1, { items: last.items, next: run.next });
      else this.window.push(run);
      this.bytes += sizeOf(run);
    }
  }
}

function sizeOf({ items }: Released): number {
  return items.reduce((sum, { record }) => sum + (record.value?.length ?? 0), 0);
}
