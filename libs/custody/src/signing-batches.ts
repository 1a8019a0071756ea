import type { Kid } from '#envelope';

interface Waiting {
  readonly bytes: Uint8Array;
  readonly resolve: (signature: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_AT_ONCE = 500;

/**
 * Collects what is to be signed with one key until the caller waits, and asks the store once for all of it: a chunk of records
 * costs one message to a token or one HTTP request, not hundreds.
 */
export class SigningBatches {
  private readonly waiting = new Map<Kid, Waiting[]>();

  /** `signAll` gives one signature for each message, in order; where it fails, all of its batch fail. */
  constructor(private readonly signAll: (kid: Kid, messages: readonly Uint8Array[]) => Promise<readonly Buffer[]>) {}

  sign(kid: Kid, bytes: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(kid);
      if (queue !== undefined) queue.push({ bytes, resolve, reject });
      else {
        this.waiting.set(kid, [{ bytes, resolve, reject }]);
        queueMicrotask(() => this.flush(kid));
      }
    });
  }

  private flush(kid: Kid): void {
    const queue = this.waiting.get(kid) ?? [];
    this.waiting.delete(kid);
    for (let i = 0; i < queue.length; i += MOST_AT_ONCE) void this.ask(kid, queue.slice(i, i + MOST_AT_ONCE));
  }

  private async ask(kid: Kid, batch: readonly Waiting[]): Promise<void> {
    try {
      const signatures = await this.signAll(
        kid,
        batch.map(({ bytes }) => bytes),
      );
      batch.forEach(({ resolve, reject }, i) => {
        const signature = signatures[i];
        if (signature === undefined) reject(new RangeError('the store gave fewer signatures than it was asked for'));
        else resolve(signature);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
