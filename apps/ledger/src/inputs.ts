import { type Reader, type StreamClient, type TopicPlan, type TopicRole, topicsOf } from '#stream';
import { describeError, type Logger } from '#telemetry';
import type { Chunk, ReadChunk } from './steps/judge-chunk.js';

/** How many records may wait for the log; then reading rests. */
const MOST_WAITING = 8000;
const REPLAN_MS = 10_000;
const PAUSE_MS = 500;
/** Envelopes, refusals, and administrative acts. */
const INPUTS: readonly TopicRole[] = ['sealed', 'outcomes', 'schema-audit', 'audit'];

export interface InputsOptions {
  readonly client: StreamClient;
  /** Asked again now and then: topics that are new are read too. */
  readonly plan: () => TopicPlan;
  /** Where to begin in each partition, by `<topic>/<partition>`; at the first record where there is none. */
  readonly marks: ReadonlyMap<string, bigint>;
  /** Finds out what a chunk says, while the log is busy with those before; asked again where it fails. */
  readonly read: (chunk: Chunk) => Promise<ReadChunk>;
  readonly log: Logger;
  /** Told when reading a partition cannot go on. */
  readonly onCrash: (error: unknown) => void;
}

/**
 * All that gets leaves as one queue of chunks. It reads without a consumer group: the marks are part of the ledger's
 * decisions, so that nobody can be ahead of the log, and a restart need not wait for a session to end.
 */
export class Inputs {
  private readonly readers = new Map<string, Reader>();
  private readonly queue: ReadChunk[] = [];
  private unread = 0;
  private waiting = 0;
  private replanning: NodeJS.Timeout | undefined;
  /** Where Kafka is slow it takes longer than a turn: two at once would read a topic twice, and what is read twice counts as a repeat. */
  private isReplanning = false;
  private wakeTaker: () => void = () => undefined;
  private wakeReaders: (() => void)[] = [];
  private stopped = false;

  constructor(private readonly options: InputsOptions) {}

  /** Begins to read. Throws STREAM_TOPIC_MISSING and STREAM_UNAVAILABLE. */
  async start(): Promise<void> {
    await this.addReaders();
    this.replanning = setInterval(() => void this.replan(), REPLAN_MS).unref();
  }

  /** Waits for records and takes as many chunks as have up to `records` of them, but at least one. Empty once stopped. */
  async take(records: number): Promise<ReadChunk[]> {
    while (this.queue.length === 0 && !this.stopped) {
      await new Promise<void>((resolve) => {
        this.wakeTaker = resolve;
      });
    }
    if (this.stopped) return [];
    const taken: ReadChunk[] = [];
    let count = 0;
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      if (taken.length > 0 && count + next.records.length > records) break;
      this.queue.shift();
      taken.push(next);
      count += next.records.length;
    }
    this.waiting -= count;
    for (const wake of this.wakeReaders.splice(0)) wake();
    return taken;
  }

  /** Whether this topic is read: then it exists. */
  follows(topic: string): boolean {
    return this.readers.has(`${topic}/0`);
  }

  /** Whether what has come in can be read. */
  ready(): boolean {
    return this.unread === 0;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.replanning);
    this.wakeTaker();
    for (const wake of this.wakeReaders.splice(0)) wake();
    await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
  }

  private async addReaders(): Promise<void> {
    const { client, plan, marks, log } = this.options;
    const planned = plan();
    for (const topic of INPUTS.flatMap((role) => topicsOf(planned, role))) {
      if (this.readers.has(`${topic}/0`)) continue;
      const ends = await client.admin.endOffsets(topic);
      if (this.stopped) return;
      for (const { partition, start } of ends) {
        const name = `${topic}/${partition}`;
        const mark = marks.get(name);
        // What retention removed before it was logged cannot be logged any more: that must not pass unnoticed.
        if (BigInt(start) > (mark ?? 0n))
          log.error('records expired before they were logged', { name, from: String(mark ?? 0n), to: start });
        this.read(topic, partition, mark ?? 'earliest');
      }
    }
  }

  private read(topic: string, partition: number, from: bigint | 'earliest'): void {
    const reader = this.options.client.transport.read({ topic, partition, from }, async ({ records, next }) => {
      await this.offer({ topic, partition, records, next });
    });
    this.readers.set(`${topic}/${partition}`, reader);
    reader.done.catch((error: unknown) => {
      if (!this.stopped) this.options.onCrash(error);
    });
  }

  private async offer(chunk: Chunk): Promise<void> {
    while (this.waiting >= MOST_WAITING && !this.stopped) await new Promise<void>((resolve) => this.wakeReaders.push(resolve));
    this.waiting += chunk.records.length;
    const read = await this.readAtLast(chunk);
    if (read === undefined) return;
    this.queue.push(read);
    this.wakeTaker();
  }

  /** Undefined once stopped. */
  private async readAtLast(chunk: Chunk): Promise<ReadChunk | undefined> {
    for (let failed = false; !this.stopped; failed = true) {
      try {
        const read = await this.options.read(chunk);
        if (failed) this.unread -= 1;
        return read;
      } catch (error) {
        if (!failed) this.unread += 1;
        this.options.log.warn('the log waits', { step: 'read', ...describeError(error) });
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
    return undefined;
  }

  private async replan(): Promise<void> {
    if (this.isReplanning) return;
    this.isReplanning = true;
    try {
      await this.addReaders();
    } catch (error) {
      this.options.log.warn('the list of topics could not be renewed', describeError(error));
    } finally {
      this.isReplanning = false;
    }
  }
}
