import type { BeforeApplicationShutdown, OnApplicationShutdown } from '@nestjs/common';

/** Ends what the adapter opened, last opened first, when the service stops. */
export class Lifecycle implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly stop = new AbortController();
  private readonly closers: (() => Promise<void>)[] = [];

  /** Aborted before the HTTP door closes, so that whoever waits is answered. */
  get stopping(): AbortSignal {
    return this.stop.signal;
  }

  /** Has `close` called when the HTTP door is closed. */
  onClose(close: () => Promise<void>): void {
    this.closers.unshift(close);
  }

  beforeApplicationShutdown(): void {
    this.stop.abort();
  }

  async onApplicationShutdown(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
  }
}
