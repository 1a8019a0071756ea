const WINDOW_MILLISECONDS = 60_000;
const MOST_ATTEMPTS = 30;
const MOST_ADDRESSES = 10_000;

/** Counts failed attempts by address in windows of one minute, in bounded memory. */
export class Attempts {
  private counts = new Map<string, number>();
  private began = 0;

  /** Counts one failure at `now` (milliseconds). Gives whether this address has failed too often in this minute. */
  failed(address: string, now: number): boolean {
    if (now - this.began >= WINDOW_MILLISECONDS) {
      this.counts = new Map();
      this.began = now;
    }
    const count = (this.counts.get(address) ?? 0) + 1;
    if (this.counts.has(address) || this.counts.size < MOST_ADDRESSES) this.counts.set(address, count);
    return count > MOST_ATTEMPTS;
  }
}
