/** How many failures in a row open it. */
const FAILURES = 5;

/**
 * Keeps requests from an endpoint that does not answer: after five failures in a row it is open for a while that doubles up to a limit;
 * then one request may try. Times are milliseconds since 1970.
 */
export class Breaker {
  private failures = 0;
  private openings = 0;
  private until = 0;
  private trying = false;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {}

  get open(): boolean {
    return this.failures >= FAILURES;
  }

  /** How long to wait before a request may be made; 0: now. Whoever gets 0 must say `succeeded` or `failed` afterwards. */
  enter(now: number): number {
    if (!this.open) return 0;
    if (now < this.until) return this.until - now;
    if (this.trying) return this.firstMs;
    this.trying = true;
    return 0;
  }

  succeeded(): void {
    this.failures = 0;
    this.openings = 0;
    this.trying = false;
  }

  /** What was under way when it opened and fails while it rests says nothing new: only a try after the rest doubles it. */
  failed(now: number): void {
    if (this.open && now < this.until) return;
    this.failures += 1;
    this.trying = false;
    if (!this.open) return;
    this.until = now + Math.min(this.firstMs * 2 ** this.openings, this.longestMs);
    this.openings += 1;
  }
}
