/** Wakes everybody who waits for something new, without saying what. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  /** Settles at the next {@link ring}, after `ms` where given, or when `signal` is aborted. */
  wait(signal: AbortSignal, ms?: number): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(end, ms);
      this.waiting.add(end);
      signal.addEventListener('abort', end);
    });
  }

  ring(): void {
    for (const end of [...this.waiting]) end();
  }
}
