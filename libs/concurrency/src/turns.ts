/** Lets one work begin when the one before it has ended, in the order in which they were asked for. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Settles as the work does. One that fails holds up nobody: whoever asked for it hears of it. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Resolves once all that was asked for so far has ended, well or not. */
  async over(): Promise<void> {
    await this.last;
  }
}
