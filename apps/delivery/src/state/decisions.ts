import { FaultError } from '#faults';
import { type FencedWriter, openTopics, type StreamClient, type Table, type WireRecord } from '#stream';
import { describeError, type Logger } from '#telemetry';

/** The compacted topic of what delivery has decided: by lane, how far it is and what its last number was. */
export const STATE_TOPIC = 'delivery-state';
/** Fences every other delivery of this Kafka. */
const WRITER = 'delivery';
const PAUSE_MS = 500;
/** What one transaction carries at most, so that a slow commit holds up nobody for long. */
const MOST_BYTES = 4 * 1024 * 1024;

/** One decision: the new value of a key, and the records that follow from it. */
export interface Decision {
  readonly key: string;
  readonly value: Buffer;
  readonly records: readonly WireRecord[];
  /** When it may be written no more, in milliseconds since 1970: what it rests on may have changed. Absent: it always may. */
  readonly until?: number;
}

interface Pending extends Decision {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface DecisionsOptions {
  readonly client: StreamClient;
  /** Where an earlier transaction of ours may lie open. */
  readonly topics: () => readonly string[];
  readonly log: Logger;
  readonly now: () => Date;
  /** Told when another delivery has taken over. */
  readonly onFenced: (error: unknown) => void;
}

/**
 * All that delivery decides, as transactions of one writer that fences all others: a key's new value and what follows from it stand
 * there together or not at all. Decisions that wait at the same time share a transaction. One whose topics are gone does not hold
 * up the others.
 */
export class Decisions {
  private readonly table: Table;
  /** What is committed and has not come back in the table yet. */
  private readonly fresh = new Map<string, Buffer>();
  private writer: FencedWriter | undefined;
  private queue: Pending[] = [];
  private working: Promise<void> | undefined;
  private healthy = true;
  private closed = false;

  constructor(private readonly options: DecisionsOptions) {
    this.table = options.client.table(STATE_TOPIC);
    this.table.onChange((key, value) => {
      if (value !== undefined && this.fresh.get(key)?.equals(value) === true) this.fresh.delete(key);
    });
  }

  /** Fences others and reads what was decided. Throws STREAM_UNAVAILABLE and STREAM_TOPIC_MISSING. */
  async open(): Promise<void> {
    await this.openWriter();
    await this.table.start();
  }

  /** The value that was decided last for a key: also right after `commit`, before the topic was read so far. */
  get(key: string): Buffer | undefined {
    return this.fresh.get(key) ?? this.table.get(key);
  }

  /** The keys that begin like this. */
  keys(prefix: string): readonly string[] {
    return [...this.table.entries()].flatMap(([key]) => (key.startsWith(prefix) ? [key] : []));
  }

  /** Whether the last transaction went through at once. */
  ready(): boolean {
    return this.healthy && !this.closed;
  }

  /**
   * Settles once the decision is known to be committed, through any trouble of Kafka. One at a time for each key. Rejects with
   * STREAM_TOPIC_MISSING or STREAM_RECORD_TOO_LARGE where it can never be, and with STREAM_UNAVAILABLE where it grew too old meanwhile or
   * after `close`: in each case nothing of it was written.
   */
  commit(decision: Decision): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new FaultError('STREAM_UNAVAILABLE', 'delivery is closing'));
      this.queue.push({ ...decision, resolve, reject });
      this.begin();
    });
  }

  /** Completes what an earlier transaction of ours left open on topics that were not known when this was opened. */
  async mend(topics: readonly string[]): Promise<void> {
    if ((await openTopics(this.options.client.admin, topics)).length === 0) return;
    while (this.working !== undefined) await this.working;
    this.working = this.again(new FaultError('STREAM_UNAVAILABLE', 'a transaction lies open')).finally(() => this.end());
    await this.working;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.working;
    await this.writer?.close();
    await this.table.close();
  }

  private begin(): void {
    if (this.queue.length > 0) this.working ??= this.work().finally(() => this.end());
  }

  private end(): void {
    this.working = undefined;
    this.begin();
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      const together = this.takeTogether().filter((one) => !this.isStale(one));
      try {
        await this.write(together);
        for (const { resolve } of together) resolve();
      } catch (error) {
        await this.afterFailure(together, error);
      }
    }
  }

  private takeTogether(): Pending[] {
    let bytes = 0;
    const end = this.queue.findIndex(({ records }, i) => {
      bytes += records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      return i > 0 && bytes > MOST_BYTES;
    });
    return this.queue.splice(0, end < 0 ? this.queue.length : end);
  }

  private async write(decisions: readonly Decision[]): Promise<void> {
    await this.writer?.write(
      decisions.flatMap(({ key, value, records }) => [
        ...records,
        { topic: STATE_TOPIC, key, value, headers: { 'content-type': 'application/json' } },
      ]),
    );
    for (const { key, value } of decisions)
      if (this.fresh.has(key) || this.table.get(key)?.equals(value) !== true) this.fresh.set(key, value);
    this.healthy = true;
  }

  /** Nobody knows yet what became of it: finds that out, then tries what was not committed one by one, so that each fails for itself. */
  private async afterFailure(together: readonly Pending[], error: unknown): Promise<void> {
    let cause = error;
    for (const one of together) {
      for (;;) {
        try {
          await this.again(cause);
          cause = undefined;
          if (this.table.get(one.key)?.equals(one.value) !== true) {
            if (this.isStale(one)) break;
            await this.checkTopics(one);
            await this.write([one]);
          }
          one.resolve();
          break;
        } catch (failure) {
          if (isHopeless(failure) || this.closed) {
            one.reject(failure);
            if (isFenced(failure)) this.options.onFenced(failure);
            cause = failure;
            break;
          }
          cause = failure;
        }
      }
    }
  }

  /** A new writer after an error, and everything read that was committed before. As often as it takes. */
  private async again(error: unknown): Promise<void> {
    if (error === undefined) return;
    this.healthy = false;
    if (isFenced(error)) throw new FaultError('STREAM_FENCED', WRITER, { cause: error });
    this.options.log.warn('a decision waits for Kafka', describeError(error));
    await this.writer?.close();
    while (!this.closed) {
      try {
        await this.openWriter();
        await this.table.caughtUp();
        return;
      } catch (failure) {
        if (isFenced(failure)) throw failure;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
    throw new FaultError('STREAM_UNAVAILABLE', 'delivery is closing');
  }

  private isStale({ until = Infinity, reject }: Pending): boolean {
    if (this.options.now().getTime() < until) return false;
    reject(new FaultError('STREAM_UNAVAILABLE', 'decided too long ago'));
    return true;
  }

  private async checkTopics({ records }: Decision): Promise<void> {
    for (const topic of new Set(records.map((record) => record.topic))) await this.options.client.admin.endOffsets(topic);
  }

  private async openWriter(): Promise<void> {
    const { client, topics } = this.options;
    this.writer = await client.fencedWriter(WRITER, await openTopics(client.admin, [STATE_TOPIC, ...topics()]));
  }
}

const isFenced = (error: unknown): boolean => error instanceof FaultError && error.code === 'STREAM_FENCED';
const isHopeless = (error: unknown): boolean =>
  error instanceof FaultError && ['STREAM_FENCED', 'STREAM_TOPIC_MISSING', 'STREAM_RECORD_TOO_LARGE'].includes(error.code);
