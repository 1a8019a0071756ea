import { FaultError } from '#faults';
import type { OutgoingRecord, Position } from '#record';
import type { PlainProducer, StreamTransport } from './port.js';
import { wireSize } from './size.js';

/** Publishes records that are acknowledged by all in-sync replicas. */
export interface Publisher {
  /**
   * Resolves with the positions, in order, once all records are acknowledged. Records of one caller keep their order. Rejects with
   * STREAM_RECORD_TOO_LARGE where one of these records is too large (none of them is written then), and with STREAM_UNAVAILABLE
   * where Kafka does not answer in time: whether they were written is then unknown, and the same ids may be sent again.
   */
  publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]>;
  /** Whether the last send went well (true before the first). */
  ready(): boolean;
  /** Waits for what was accepted, then closes. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  /** How long a caller of `publish` waits for its answer, in milliseconds (twice that at the very most). */
  readonly timeoutMs: number;
  /** What may wait to be sent before further callers wait outside, in bytes. */
  readonly queueBytes: number;
  /** What one produce request carries at most, in bytes. */
  readonly requestBytes: number;
  /** The largest single record, in bytes. */
  readonly recordBytes: number;
}

const DEFAULTS: PublisherOptions = {
  timeoutMs: 10_000,
  queueBytes: 16 * 1024 * 1024,
  requestBytes: 900 * 1024,
  recordBytes: 2 * 1024 * 1024 - 64 * 1024,
};

interface Job {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  /** When the caller must have its answer, in milliseconds since 1970. */
  readonly deadline: number;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One outstanding send; everything that callers publish meanwhile goes into the next one. A send that fails is not tried again
 * here: the producer is thrown away (K1), its callers get STREAM_UNAVAILABLE, and so does whoever waited longer than `timeoutMs`.
 */
export function coalescingPublisher(transport: StreamTransport, options: Partial<PublisherOptions> = {}): Publisher {
  return new CoalescingPublisher(transport, { ...DEFAULTS, ...options });
}

class CoalescingPublisher implements Publisher {
  private readonly queue: Job[] = [];
  private readonly outside: { readonly bytes: number; readonly enter: () => void }[] = [];
  private queued = 0;
  private producer: PlainProducer | undefined;
  private sending: Promise<void> | undefined;
  private healthy = true;
  private closed = false;

  constructor(
    private readonly transport: StreamTransport,
    private readonly options: PublisherOptions,
  ) {}

  ready(): boolean {
    return this.healthy && !this.closed;
  }

  async publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]> {
    if (records.length === 0) return [];
    const sizes = records.map(wireSize);
    if (sizes.some((size) => size > this.options.recordBytes)) {
      throw new FaultError('STREAM_RECORD_TOO_LARGE', `at most ${this.options.recordBytes} bytes`);
    }
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const deadline = Date.now() + this.options.timeoutMs;
    if (this.closed) throw closed();
    const outside = this.room(bytes);
    if (outside !== undefined) {
      await outside;
      if (this.closed) throw closed();
    }
    return new Promise((resolve, reject) => {
      this.queue.push({ records, bytes, deadline, resolve, reject });
      this.sending ??= this.send();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.admit();
    await this.sending;
    this.producer?.dispose();
    this.producer = undefined;
  }

  /** Waits outside until the queue has room; an empty queue takes anything. First come, first in. */
  private room(bytes: number): Promise<void> | undefined {
    if (this.outside.length === 0 && this.fits(bytes)) {
      this.queued += bytes;
      return undefined;
    }
    return new Promise((enter) => this.outside.push({ bytes, enter }));
  }

  private fits(bytes: number): boolean {
    return this.queued === 0 || this.queued + bytes <= this.options.queueBytes;
  }

  private admit(): void {
    for (let first = this.outside[0]; first !== undefined && (this.closed || this.fits(first.bytes)); first = this.outside[0]) {
      this.outside.shift();
      this.queued += first.bytes;
      first.enter();
    }
  }

  private async send(): Promise<void> {
    // Callers of the same turn of the event loop go together.
    await Promise.resolve();
    for (let jobs = this.nextRequest(); jobs.length > 0; jobs = this.nextRequest()) {
      await this.sendTogether(jobs);
      for (const { bytes } of jobs) this.queued -= bytes;
      this.admit();
    }
    this.sending = undefined;
  }

  /** Takes whole jobs up to the size of a request; a job that is larger than one goes alone. */
  private nextRequest(): Job[] {
    let bytes = 0;
    let count = 0;
    for (const job of this.queue) {
      if (count > 0 && bytes + job.bytes > this.options.requestBytes) break;
      bytes += job.bytes;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  private async sendTogether(jobs: readonly Job[]): Promise<void> {
    const deadline = Math.max(...jobs.map((job) => job.deadline));
    try {
      const positions: Position[] = [];
      for (const part of this.requests(jobs.flatMap((job) => job.records))) {
        positions.push(...(await this.sendOne(part, deadline)));
      }
      this.healthy = true;
      let from = 0;
      for (const job of jobs) {
        job.resolve(positions.slice(from, from + job.records.length));
        from += job.records.length;
      }
    } catch (error) {
      this.producer?.dispose();
      this.producer = undefined;
      await this.failed(jobs, error);
    }
  }

  /** A record that the broker alone found too large must not take its neighbours with it: they are sent one caller at a time. */
  private async failed(jobs: readonly Job[], error: unknown): Promise<void> {
    const tooLarge = error instanceof FaultError && error.code === 'STREAM_RECORD_TOO_LARGE';
    if (tooLarge && jobs.length > 1) {
      for (const job of jobs) await this.sendTogether([job]);
      return;
    }
    this.healthy = tooLarge;
    for (const job of jobs) job.reject(asUnavailable(error));
  }

  private async sendOne(records: readonly OutgoingRecord[], deadline: number): Promise<readonly Position[]> {
    const left = deadline - Date.now();
    if (left <= 0) throw new FaultError('STREAM_UNAVAILABLE', 'no acknowledgement in time');
    if (this.producer === undefined) {
      this.producer = this.transport.idempotent();
      await within(this.producer.connect(), left);
    }
    return within(this.producer.send(records, left), left);
  }

  /** A single caller's batch may be larger than a request. */
  private *requests(records: readonly OutgoingRecord[]): Generator<readonly OutgoingRecord[]> {
    let from = 0;
    let bytes = 0;
    for (const [i, record] of records.entries()) {
      const size = wireSize(record);
      if (i > from && bytes + size > this.options.requestBytes) {
        yield records.slice(from, i);
        from = i;
        bytes = 0;
      }
      bytes += size;
    }
    yield from === 0 ? records : records.slice(from);
  }
}

const closed = (): FaultError => new FaultError('STREAM_UNAVAILABLE', 'the publisher is closed');

function asUnavailable(error: unknown): FaultError {
  if (error instanceof FaultError) return error;
  return new FaultError('STREAM_UNAVAILABLE', 'the send failed', { cause: error });
}

/** Rejects with STREAM_UNAVAILABLE when `ms` have passed. */
async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FaultError('STREAM_UNAVAILABLE', 'no acknowledgement in time')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
