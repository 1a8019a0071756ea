import type { FetchedRun, Reader, StreamTransport } from './port.js';

/** The latest value of every key of a compacted topic, followed for as long as the service runs. Keys are read as UTF-8. */
export interface Table {
  /** Begins to read; resolves once everything that was committed at that moment is in the table. Throws STREAM_TOPIC_MISSING. */
  start(): Promise<void>;
  get(key: string): Buffer | undefined;
  entries(): IterableIterator<[string, Buffer]>;
  /** Resolves once everything that was committed at the time of the call is in the table. Rejects where reading has ended. */
  caughtUp(): Promise<void>;
  /** Is told of every change in order; `value` is undefined for a tombstone. Gives a function that ends it. */
  onChange(listener: (key: string, value: Buffer | undefined) => void): () => void;
  close(): Promise<void>;
}

interface Waiter {
  /** Partition → the offset that must have been passed. */
  readonly until: ReadonlyMap<number, bigint>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const done = (): void => undefined;

/** Follows `topic` without a group. */
export function compactedTable(transport: StreamTransport, topic: string): Table {
  return new FollowedTable(transport, topic);
}

class FollowedTable implements Table {
  private readonly values = new Map<string, Buffer>();
  private readonly passed = new Map<number, bigint>();
  private readonly listeners = new Set<(key: string, value: Buffer | undefined) => void>();
  private readonly waiters = new Set<Waiter>();
  private readers: Reader[] = [];
  private ended: { readonly reason: unknown } | undefined;
  private asking: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(
    private readonly transport: StreamTransport,
    private readonly topic: string,
  ) {}

  async start(): Promise<void> {
    const ends = await this.transport.admin.endOffsets(this.topic);
    for (const { partition, start } of ends) this.passed.set(partition, BigInt(start)); // nothing before it will come
    this.readers = ends.map(({ partition }) =>
      this.transport.read({ topic: this.topic, partition, from: 'earliest' }, async (run) => this.take(partition, run)),
    );
    for (const reader of this.readers) {
      reader.done.then(
        () => this.end(new Error('the table was closed')),
        (error: unknown) => this.end(error),
      );
    }
    await this.until(new Map(ends.map(({ partition, high }) => [partition, BigInt(high)])));
  }

  get(key: string): Buffer | undefined {
    return this.values.get(key);
  }

  entries(): IterableIterator<[string, Buffer]> {
    return this.values.entries();
  }

  /** Whoever calls while the broker is being asked waits for the next question, which all of them share. */
  async caughtUp(): Promise<void> {
    this.next ??= this.asking.then(() => {
      this.next = undefined;
      const ends = this.transport.admin.highOffsets(this.topic);
      this.asking = ends.then(done, done); // whoever asked hears of a failure; unheard of here it would end the process
      return ends.then((now) => this.until(now));
    });
    await this.next;
  }

  onChange(listener: (key: string, value: Buffer | undefined) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.readers.map((reader) => reader.stop()));
  }

  /**
   * Until everything written so far has been passed: a transaction may be committed and its markers still be under way, so the
   * last stable offset would be too early. `run.next` counts control records and aborted ones as passed, so the table arrives also
   * where one of these comes last.
   */
  private until(until: ReadonlyMap<number, bigint>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.add({ until, resolve, reject });
      this.wake();
    });
  }

  private take(partition: number, run: FetchedRun): void {
    for (const { key, value } of run.records) {
      if (key === null) continue; // a record without a key cannot stand in a compacted topic
      const name = key.toString('utf8');
      if (value === null) this.values.delete(name);
      else this.values.set(name, Buffer.from(value)); // a copy: the fetched bytes around it may go
      for (const listener of this.listeners) listener(name, value ?? undefined);
    }
    this.passed.set(partition, run.next);
    this.wake();
  }

  private end(reason: unknown): void {
    this.ended ??= { reason };
    this.wake();
  }

  private wake(): void {
    for (const waiter of this.waiters) {
      const arrived = [...waiter.until].every(([partition, offset]) => (this.passed.get(partition) ?? 0n) >= offset);
      if (!arrived && this.ended === undefined) continue;
      this.waiters.delete(waiter);
      if (arrived) waiter.resolve();
      else waiter.reject(this.ended?.reason);
    }
  }
}
