import { type FaultCode, FaultError } from '#faults';
import type { ReceivedRecord } from '#record';
import { describeError, type Logger, type Metrics } from '#telemetry';
import { transactionalId } from './access-plan.js';
import { BackOff, pause } from './back-off.js';
import { type Bury, buryTooLarge } from './bury.js';
import { crashPoint } from './crash-point.js';
import type { DeadLetterSeal } from './dead-letter-seal.js';
import { type CaughtHandler, type JudgeOptions, judge } from './judge.js';
import type { AssignedPartition, FetchedRun, PreparedWrites, StreamTransport, TransactionalProducer } from './port.js';
import { type Settlement, settle } from './settle.js';

export interface PipelineOptions {
  readonly service: string;
  readonly group: string;
  readonly transport: StreamTransport;
  readonly handler: CaughtHandler;
  readonly bury: Bury | undefined;
  readonly seal: DeadLetterSeal | undefined;
  /** How many records a chunk has at most. */
  readonly chunkRecords: number;
  /** How many bytes a chunk reads at most. */
  readonly chunkBytes: number;
  /** The largest record that a topic accepts, in bytes. A transaction writes no more than that; what goes beyond it goes into the next one. */
  readonly recordBytes: number;
  /** How often a chunk whose handler throws is tried before the culprit is looked for. */
  readonly attempts: number;
  /** Topics where a transaction of whoever had the partition before may still be open. */
  readonly torn: Promise<readonly string[]>;
  /** The first and the longest pause before a partition is tried again, in milliseconds. */
  readonly backOff: readonly [first: number, longest: number];
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** A transaction of a chunk, written down. */
interface ReadyTransaction {
  readonly writes: PreparedWrites;
  /** The offset that is committed with it, and how many records it is the end of. */
  readonly next: bigint;
  readonly count: number;
  /** The offset of the first of these. */
  readonly first: string | undefined;
}

/** What remains of a chunk once it has been judged. */
interface Chunk extends Pick<Settlement, 'dead'> {
  readonly transactions: readonly ReadyTransaction[];
  readonly retry: Settlement['retry'];
  readonly records: number;
  readonly end: bigint;
}

/**
 * One input partition while it is ours: take a chunk, have it judged, write what its verdicts say in one transaction with the
 * consumed offset. While a transaction commits, the next chunk is already judged. After any error everything that was not
 * committed is forgotten: a new producer, the committed offset read again, and on from there.
 */
export class Pipeline {
  /** Settles when the partition has been given up and the last transaction has ended. Never rejects. */
  readonly done: Promise<void>;
  /** Why the partition does not move, while it does not. */
  waiting: FaultCode | undefined;
  private readonly backOff: BackOff;
  private readonly name: { readonly topic: string; readonly partition: number };
  private budget: number;
  /** Records taken and not yet committed. */
  private held = 0;
  /** Offsets whose writes the broker itself found too large. */
  private readonly refused = new Set<string>();
  /** Topics that were written: a transaction is only known to be complete once the next one has begun. */
  private readonly written = new Set<string>();

  constructor(
    private readonly partition: AssignedPartition,
    private readonly options: PipelineOptions,
  ) {
    this.backOff = new BackOff(...options.backOff);
    this.budget = options.recordBytes;
    this.name = { topic: partition.topic, partition: partition.partition };
    this.done = this.run();
  }

  private async run(): Promise<void> {
    const { partition, options } = this;
    while (!partition.revoked.aborted) {
      // One producer for each input partition and assignment: it fences whoever had the partition before (K3).
      const producer = options.transport.transactional(transactionalId(options.group, partition.topic, partition.partition));
      try {
        if (await partition.confirm()) await this.work(producer);
      } catch (error) {
        this.stumbled(error);
      } finally {
        producer.dispose(); // never used again after an error: it would reuse sequence numbers (K1)
      }
      await this.backOff.wait(partition.revoked);
    }
    options.metrics.lag.remove({ topic: partition.topic, partition: String(partition.partition) });
  }

  private async work(producer: TransactionalProducer): Promise<void> {
    const { partition, options } = this;
    await producer.connect();
    for (const topic of await options.torn) this.written.add(topic);
    await producer.mend({ topics: [...this.written], group: options.group });
    // Read after connecting: from now on nobody else can commit, so what is read stays true.
    const committed = await partition.committed();
    partition.seek(committed ?? (await partition.earliest()));
    this.waiting = undefined;
    const broken = new AbortController();
    let committing: Promise<void> = Promise.resolve();
    try {
      for (;;) {
        const chunk = await this.next(producer, broken.signal);
        if (chunk === undefined) break;
        await committing;
        committing = this.commit(chunk);
        committing.catch(() => broken.abort()); // the next take or await hears of it
        if (chunk.retry !== undefined) {
          await committing;
          await this.hold(chunk.retry);
        }
      }
      await committing;
    } finally {
      await committing.catch(() => undefined); // the producer is disposed next; its last words must be over
      this.inFlight(-this.held);
    }
  }

  /**
   * Takes a chunk and makes it ready to be committed. Of its records nothing but what is written outlives this: they would be several
   * chunks for each partition, too many for the young generation, and the garbage collector would move each of them twice.
   */
  private async next(producer: TransactionalProducer, signal: AbortSignal): Promise<Chunk | undefined> {
    const { partition, options } = this;
    const run = await partition.take(options.chunkRecords, options.chunkBytes, signal);
    if (run === undefined) return undefined;
    const { transactions, retry, dead } = await this.settled(run);
    const ready: ReadyTransaction[] = [];
    let at = 0;
    for (const { records, next, count } of transactions) {
      for (const { topic } of records) this.written.add(topic);
      ready.push({ writes: await producer.prepare(records), next, count, first: run.records[at]?.offset });
      at += count;
    }
    return { transactions: ready, retry, dead, records: run.records.length, end: run.end };
  }

  private async settled(run: FetchedRun): Promise<Settlement> {
    const { options, refused } = this;
    if (run.records.length === 0) return { transactions: [{ records: [], next: run.next, count: 0 }], dead: [] };
    crashPoint('after-read');
    this.inFlight(run.records.length);
    const timer = options.metrics.stepSeconds.startTimer({ step: 'handle' });
    try {
      const judged = await judge(run.records, this.judging());
      if ('wait' in judged) {
        return { transactions: [], dead: [], retry: { at: offsetOf(run.records[0]), fault: judged.wait } };
      }
      const { bury, recordBytes } = options;
      const verdicts = await buryTooLarge(run.records, judged.verdicts, { recordBytes, refused, bury });
      for (const { offset } of run.records) refused.delete(offset); // others may be refused while these are judged
      return settle(run, verdicts, { service: options.service, budgetBytes: this.budget, seal: options.seal });
    } finally {
      timer();
    }
  }

  private judging(): JudgeOptions {
    const { options, partition } = this;
    return {
      handler: options.handler,
      attempts: options.attempts,
      pause: (attempt) => pause(attempt * 20, partition.revoked),
      bury: options.bury,
      onDefect: (thrown, records) => {
        options.metrics.streamRetries.inc({ reason: 'defect' });
        const at = { ...this.name, offset: records[0]?.offset ?? '', records: records.length };
        options.log.error('handler failed', { ...at, ...describeError(thrown) });
      },
    };
  }

  private async commit({ transactions, retry, dead, records, end }: Chunk): Promise<void> {
    for (const transaction of transactions) await this.commitOne(transaction);
    this.inFlight(-records);
    const { topic, partition } = this.name;
    const last = transactions.at(-1);
    if (last !== undefined) {
      this.options.metrics.lag.set({ topic, partition: String(partition) }, Number(end - last.next));
      for (const fault of dead) this.options.metrics.deadLetters.inc({ fault });
    }
    if (retry === undefined) this.moved();
  }

  private async commitOne(transaction: ReadyTransaction): Promise<void> {
    const consumed = { group: this.options.group, ...this.name, offset: transaction.next };
    const timer = this.options.metrics.stepSeconds.startTimer({ step: 'commit' });
    try {
      const beforeCommit = (): void => crashPoint('after-produce');
      await transaction.writes.commit({ consumed, beforeCommit });
    } catch (error) {
      if (error instanceof FaultError && error.code === 'STREAM_RECORD_TOO_LARGE') this.shrink(transaction);
      throw error;
    }
    timer();
    crashPoint('after-commit');
  }

  /** The broker accepts less than the plan says: cut smaller, and give up a record whose writes are too large alone. */
  private shrink({ count, first }: ReadyTransaction): void {
    if (count > 1) this.budget = Math.max(1, Math.floor(this.budget / 2));
    else if (first !== undefined) this.refused.add(first);
    this.options.log.warn('broker refused the size of a transaction', { ...this.name, budget: this.budget });
  }

  private inFlight(change: number): void {
    this.held += change;
    this.options.metrics.inFlight.inc(change);
  }

  private async hold(retry: NonNullable<Settlement['retry']>): Promise<void> {
    const { options, partition } = this;
    this.waiting = retry.fault;
    options.metrics.streamRetries.inc({ reason: retry.fault });
    options.log.warn('partition waits', { ...this.name, offset: String(retry.at), fault: retry.fault });
    await this.backOff.wait(partition.revoked);
    partition.seek(retry.at);
  }

  private stumbled(error: unknown): void {
    const { options } = this;
    this.waiting = error instanceof FaultError ? error.code : 'STREAM_UNAVAILABLE';
    options.metrics.streamRetries.inc({ reason: this.waiting });
    options.log.warn('partition starts again from its committed offset', { ...this.name, ...describeError(error) });
  }

  private moved(): void {
    this.waiting = undefined;
    this.backOff.reset();
  }
}

const offsetOf = (record: ReceivedRecord | undefined): bigint => BigInt(record?.offset ?? 0);
