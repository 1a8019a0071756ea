/** Tells on standard error how far long work is: rewrites one line on a terminal, otherwise a line now and then. */
export class Progress {
  private readonly live = process.stderr.isTTY === true;
  private next: number;
  private shown = false;

  constructor(private readonly now: () => number = Date.now) {
    this.next = now() + this.every;
  }

  /** Called as often as wanted; only tells when some time has passed. */
  tell(line: () => string): void {
    if (this.now() < this.next) return;
    this.next = this.now() + this.every;
    this.shown = true;
    process.stderr.write(this.live ? `\r${line()}\u001b[K` : `${line()}\n`);
  }

  /** Clears the line on a terminal, so that what follows stands alone. */
  end(): void {
    if (this.live && this.shown) process.stderr.write('\r\u001b[K');
  }

  private get every(): number {
    return this.live ? 500 : 10_000;
  }
}
