import { isErasure, type ReceivedRecord } from '#record';
import { committedBatches } from '../codec/committed-batches.js';
import { type FetchedBatch, memoryOf } from '../codec/fetched-batch.js';
import type { FetchedRecord } from '../codec/kafkajs-modules.js';
import type { FetchedRun } from '../port.js';
import type { FetchedPartition } from './protocol.adapter.js';

/** What was fetched in one answer and not yet taken. */
interface Stretch {
  readonly next: bigint;
  /** Each is read when it is taken: objects that wait are moved about by the garbage collector, bytes are not. */
  readonly records: Iterator<ReceivedRecord, undefined>;
  /** The one that did not fit the last time. */
  head: ReceivedRecord | undefined;
}

/** How much may lie here unread before the partition is left out of the next fetch, in bytes. */
const ENOUGH_BYTES = 1024 * 1024;

/**
 * One partition as it is read: where the next fetch begins, and what was fetched and not taken. A fetch that was begun before a seek
 * is recognised by its ticket and dropped, so that nothing is skipped and nothing comes twice.
 */
export class Feed {
  private position: bigint | undefined;
  private ticket = 0;
  private bytes = 0;
  private end = 0n;
  private stretches: Stretch[] = [];
  private failure: Error | undefined;
  private arrived: (() => void) | undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** Tells the fetcher that this partition can take more. */
    private readonly wake: () => void,
  ) {}

  seek(offset: bigint): void {
    this.position = offset;
    this.ticket += 1;
    this.stretches = [];
    this.bytes = 0;
    this.failure = undefined;
    this.wake();
  }

  /** Where to fetch from; undefined while there is enough, or nothing was asked for yet. */
  wants(): { readonly offset: bigint; readonly ticket: number } | undefined {
    if (this.position === undefined || this.failure !== undefined || this.bytes >= ENOUGH_BYTES) return undefined;
    return { offset: this.position, ticket: this.ticket };
  }

  accept(ticket: number, fetched: FetchedPartition): void {
    if (ticket !== this.ticket || this.position === undefined || this.failure !== undefined) return;
    const from = this.position;
    this.end = BigInt(fetched.lastStableOffset ?? fetched.highWatermark);
    const batches = [...committedBatches(fetched)];
    const last = batches.at(-1)?.last;
    if (last === undefined || last < from) return;
    for (const { size } of batches) this.bytes += size;
    this.position = last + 1n; // control records, aborted ones and what compaction removed count as read
    this.stretches.push({ next: this.position, records: this.recordsOf(batches, from), head: undefined });
    this.signal();
  }

  /** The next `take` rejects with this; nothing is fetched until the next seek. */
  fail(ticket: number, error: Error): void {
    if (ticket !== this.ticket) return;
    this.failure = error;
    this.signal();
  }

  async take(records: number, bytes: number, signals: readonly AbortSignal[]): Promise<FetchedRun | undefined> {
    while (this.stretches.length === 0) {
      if (signals.some((signal) => signal.aborted)) return undefined;
      if (this.failure !== undefined) throw this.failure;
      await this.arrival(signals);
    }
    if (signals.some((signal) => signal.aborted)) return undefined;
    try {
      return this.cut(records, bytes);
    } catch (error) {
      // What is left of a damaged batch must not look like its end.
      this.stretches = [];
      this.failure = error as Error;
      throw error;
    }
  }

  private cut(most: number, mostBytes: number): FetchedRun {
    const taken: ReceivedRecord[] = [];
    let bytes = 0;
    let next = 0n;
    for (let stretch = this.stretches[0]; stretch !== undefined; stretch = this.stretches[0]) {
      stretch.head ??= stretch.records.next().value;
      const record = stretch.head;
      if (record === undefined) {
        next = stretch.next;
        this.stretches.shift();
        continue;
      }
      const size = memoryOf(record);
      if (taken.length >= most || (taken.length > 0 && bytes + size > mostBytes)) {
        next = BigInt(record.offset);
        break;
      }
      taken.push(record);
      stretch.head = undefined;
      bytes += size;
    }
    this.wake();
    return { records: taken, next, end: this.end };
  }

  private *recordsOf(batches: FetchedBatch[], from: bigint): Generator<ReceivedRecord, undefined> {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      this.bytes -= batch.size;
      yield* readable(batch.read(), from, this);
    }
    return undefined;
  }

  private signal(): void {
    this.arrived?.();
    this.arrived = undefined;
  }

  private async arrival(signals: readonly AbortSignal[]): Promise<void> {
    let arrived: () => void = () => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    this.arrived = arrived;
    for (const signal of signals) signal.addEventListener('abort', arrived);
    await arrival;
    for (const signal of signals) signal.removeEventListener('abort', arrived);
  }
}

function* readable(
  fetched: Iterable<FetchedRecord>,
  from: bigint,
  { topic, partition }: Pick<Feed, 'topic' | 'partition'>,
): Generator<ReceivedRecord, void> {
  let early = true;
  for (const { key, value, headers, offset, timestamp, isControlRecord } of fetched) {
    early &&= BigInt(offset) < from; // the broker answers with whole batches; offsets only grow
    if (early || isControlRecord || isErasure({ value, headers: headers as ReceivedRecord['headers'] })) continue;
    yield { topic, partition, offset, key, value, headers: withoutNulls(headers), timestamp: Number(timestamp) };
  }
}

const NOTHING = Buffer.alloc(0);

/** A header without a value reads like an empty one. */
function withoutNulls(headers: FetchedRecord['headers']): ReceivedRecord['headers'] {
  for (const name in headers) {
    const value = headers[name];
    if (value === null) headers[name] = NOTHING;
    else if (Array.isArray(value)) headers[name] = value.map((one) => one ?? NOTHING);
  }
  return headers as ReceivedRecord['headers'];
}
