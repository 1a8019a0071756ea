import type { SealedItem } from './examine.js';
import type { ReleasedReader } from './released-reader.js';
import type { SealedPartition } from './sealed-partition.js';

/** How one consumer reads one partition: from what all share, or by itself while it is behind. It holds one run at most. */
export class PartitionInput {
  private held: readonly SealedItem[] = [];
  private heldNext: bigint;
  private own: ReleasedReader | undefined;

  constructor(
    private readonly shared: SealedPartition,
    /** The next offset that is not dealt with. */
    private at: bigint,
  ) {
    this.heldNext = at;
  }

  get partition(): number {
    return this.shared.partition;
  }

  get position(): bigint {
    return this.at;
  }

  /** What may be dealt with now, in order; empty where there is nothing yet. */
  waiting(): readonly SealedItem[] {
    if (this.held.length === 0) this.load();
    return this.held;
  }

  /** Everything before `next` is dealt with. */
  advance(next: bigint): void {
    this.held = this.held.filter(({ record }) => BigInt(record.offset) >= next);
    this.at = this.held.length === 0 ? this.heldNext : next;
  }

  /** Begins again at an earlier offset. */
  rewind(to: bigint): void {
    void this.own?.stop(); // it only waits for its connection to close
    this.own = undefined;
    this.held = [];
    this.heldNext = to;
    this.at = to;
  }

  async stop(): Promise<void> {
    await this.own?.stop();
  }

  private load(): void {
    for (;;) {
      const shared = this.shared.after(this.at);
      if (shared !== 'behind') {
        void this.own?.stop(); // it only waits for its connection to close
        this.own = undefined;
      } else {
        this.own ??= this.shared.catchUp(this.at);
      }
      const run = shared === 'behind' ? this.own?.take() : shared;
      if (run === undefined) return;
      // What is before the position was dealt with before the two readers met.
      this.held = run.items.filter(({ record }) => BigInt(record.offset) >= this.at);
      this.heldNext = run.next;
      // Of what lies before the first that may be delivered nothing may.
      this.at = this.held[0] === undefined ? run.next : BigInt(this.held[0].record.offset);
      if (this.held.length > 0) return;
    }
  }
}
