/**
 * A bounded queue between one side that reads and one that writes: `put` waits while it is full, `take` while it is empty. What
 * is too large for the window passes alone.
 */
export class Window<T> {
  private readonly items: { readonly item: T; readonly bytes: number }[] = [];
  private bytes = 0;
  private ended = false;
  private failure: { readonly reason: unknown } | undefined;
  private wake: (() => void)[] = [];

  constructor(
    private readonly maxItems: number,
    private readonly maxBytes: number,
  ) {}

  /** Waits for room. Rejects once the other side has failed. */
  async put(item: T, bytes: number): Promise<void> {
    while (this.failure === undefined && this.items.length > 0 && this.isFull(bytes)) await this.change();
    if (this.failure !== undefined) throw this.failure.reason;
    this.items.push({ item, bytes });
    this.bytes += bytes;
    if (this.items.length === 1) this.changed();
  }

  /** What is there, up to the given numbers; undefined after the end. Rejects once the other side has failed. */
  async take(maxItems: number, maxBytes: number): Promise<T[] | undefined> {
    while (this.failure === undefined && this.items.length === 0 && !this.ended) await this.change();
    if (this.failure !== undefined) throw this.failure.reason;
    if (this.items.length === 0) return undefined;
    let count = 0;
    let bytes = 0;
    for (const next of this.items) {
      if (count > 0 && (count === maxItems || bytes + next.bytes > maxBytes)) break;
      bytes += next.bytes;
      count++;
    }
    this.bytes -= bytes;
    const taken = this.items.splice(0, count).map(({ item }) => item);
    this.changed();
    return taken;
  }

  /** Nothing more will be put. */
  end(): void {
    this.ended = true;
    this.changed();
  }

  /** One side gives up; the other hears of it at its next call. */
  fail(reason: unknown): void {
    this.failure ??= { reason };
    this.changed();
  }

  /** Throws what made a side give up. */
  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure.reason;
  }

  private isFull(bytes: number): boolean {
    return this.items.length >= this.maxItems || this.bytes + bytes > this.maxBytes;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private changed(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
