import type { ReceivedRecord } from '#record';
import type { StreamClient, Tail } from '#stream';
import { type Answer, type AnswerReading, readAnswer } from './read-answer.js';

/** What a lane needs of the stream. */
export type AnswerStream = Pick<StreamClient, 'tail' | 'admin' | 'transport'>;

/** How long a lane is read on after the last question: opening one takes some round trips. */
const LINGER_MS = 60_000;

interface Waiter {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** A question that waits. */
export interface Awaited {
  /** Rejects with STREAM_UNAVAILABLE and the like where the topic cannot be read any more. */
  readonly answer: Promise<Answer>;
  /** The answer has this offset or a later one, unless it was there before. */
  readonly from: bigint;
  /** Gives up, whether it was answered or not. */
  leave(): void;
}

/**
 * The deliveries of one consumer and record type, read for the answers among them while anybody waits. Without a group: the consumer itself
 * reads the same topic for all that it gets, answers too.
 */
export class AnswerLane {
  private readonly waiting = new Map<string, Set<Waiter>>();
  private tail: Promise<Tail> | undefined;
  private idle: NodeJS.Timeout | undefined;
  /** The next offset that the tail will see. */
  private next = 0n;

  constructor(
    private readonly topic: string,
    private readonly stream: AnswerStream,
    private readonly reading: AnswerReading,
    /** Told when nobody has waited for a while, or when the topic could not be read: the lane holds nothing then. */
    private readonly onRest: () => void,
  ) {}

  /** Resolves once everything that is delivered from then on is seen. Rejects with STREAM_TOPIC_MISSING and STREAM_UNAVAILABLE. */
  async enter(digest: string): Promise<Awaited> {
    clearTimeout(this.idle);
    this.tail ??= this.open();
    const opening = this.tail;
    let waiter: Waiter | undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      waiter = { resolve, reject };
    });
    answer.catch(() => undefined); // whoever left does not hear of it
    const all = this.waiting.get(digest) ?? new Set<Waiter>();
    if (waiter !== undefined) this.waiting.set(digest, all.add(waiter));
    const leave = (): void => {
      if (waiter !== undefined) all.delete(waiter);
      if (all.size === 0 && this.waiting.get(digest) === all) this.waiting.delete(digest);
      if (this.waiting.size === 0) this.rest();
    };
    try {
      await opening;
    } catch (error) {
      leave();
      throw error;
    }
    return { answer, from: this.next, leave };
  }

  /** The answer among what was delivered between two offsets; undefined where it is not there, or `signal` was aborted before. */
  async find(digest: string, from: bigint, until: bigint, signal: AbortSignal): Promise<Answer | undefined> {
    if (from >= until || signal.aborted) return undefined;
    let found: Answer | undefined;
    const reader = this.stream.transport.read({ topic: this.topic, partition: 0, from }, async ({ records, next }) => {
      for (const record of records) found ??= await readAnswer(record, (one) => one === digest, this.reading);
      if (found !== undefined || next >= until) void reader.stop(); // it only waits for its connection to close
    });
    const stop = () => void reader.stop();
    signal.addEventListener('abort', stop, { once: true });
    await reader.done.finally(() => signal.removeEventListener('abort', stop));
    return found;
  }

  /** The offsets that there are: the first one kept and the one after the last. Throws STREAM_TOPIC_MISSING. */
  async ends(): Promise<{ readonly start: bigint; readonly end: bigint }> {
    const [only] = await this.stream.admin.endOffsets(this.topic);
    return { start: BigInt(only?.start ?? '0'), end: BigInt(only?.end ?? '0') };
  }

  /** The first offset that was given at `since` or later. */
  async offsetAt(since: Date): Promise<bigint> {
    const [{ start, end }, counts] = await Promise.all([
      this.ends(),
      this.stream.admin.offsetsSince(this.topic, since.getTime()),
    ]);
    const from = end - (counts.get(0) ?? 0n);
    return from > start ? from : start;
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    const tail = this.tail;
    this.tail = undefined; // at once: whoever enters meanwhile opens another
    await (await tail?.catch(() => undefined))?.stop();
  }

  private async open(): Promise<Tail> {
    try {
      this.next = (await this.ends()).end;
      const from = { fromOffset: this.next.toString(), partition: 0 };
      const tail = await this.stream.tail(this.topic, from, (records) => this.take(records));
      tail.done.catch((error: unknown) => this.failed(error));
      return tail;
    } catch (error) {
      this.tail = undefined; // the next question tries again
      throw error;
    }
  }

  private async take(records: readonly ReceivedRecord[]): Promise<void> {
    for (const record of records) {
      this.next = BigInt(record.offset) + 1n;
      if (this.waiting.size === 0) continue;
      const answer = await readAnswer(record, (digest) => this.waiting.has(digest), this.reading);
      if (answer !== undefined) for (const { resolve } of this.waiting.get(answer.request) ?? []) resolve(answer);
    }
  }

  private failed(error: unknown): void {
    this.tail = undefined;
    for (const waiters of this.waiting.values()) for (const { reject } of waiters) reject(error);
  }

  private rest(): void {
    clearTimeout(this.idle);
    if (this.tail === undefined) this.onRest();
    else this.idle = setTimeout(() => this.end(), LINGER_MS).unref();
  }

  private end(): void {
    this.onRest();
    void this.close();
  }
}
