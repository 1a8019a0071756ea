import { isErasure, type ReceivedRecord } from '#record';
import { committedRecords } from '../codec/committed-records.js';
import { fetchEndOf } from '../codec/fetch-end.js';
import type { FetchedRecord } from '../codec/kafkajs-modules.js';
import type { FetchedRun } from '../port.js';
import type { FetchedPartition } from './protocol.adapter.js';

/** What was fetched in one answer and not yet taken. */
interface Stretch {
  readonly records: readonly ReceivedRecord[];
  readonly next: bigint;
  taken: number;
}

/** How much may lie here before the partition is left out of the next fetch, in bytes. */
const ENOUGH_BYTES = 512 * 1024;
const RECORD_OVERHEAD = 100;

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
    if (ticket !== this.ticket || this.position === undefined) return;
    const from = this.position;
    const next = endOf(fetched.messages, from);
    this.end = BigInt(fetched.lastStableOffset ?? fetched.highWatermark);
    if (next === from) return;
    const records = readable(fetched, from, this);
    for (const { key, value } of records) this.bytes += RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);
    this.position = next;
    this.stretches.push({ records, next, taken: 0 });
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
    return signals.some((signal) => signal.aborted) ? undefined : this.cut(records, bytes);
  }

  private cut(most: number, mostBytes: number): FetchedRun {
    const taken: ReceivedRecord[] = [];
    let bytes = 0;
    let next = 0n;
    for (let stretch = this.stretches[0]; stretch !== undefined; stretch = this.stretches[0]) {
      const record = stretch.records[stretch.taken];
      if (record === undefined) {
        next = stretch.next;
        this.stretches.shift();
        continue;
      }
      const size = RECORD_OVERHEAD + (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (taken.length >= most || (taken.length > 0 && bytes + size > mostBytes)) {
        next = BigInt(record.offset);
        break;
      }
      taken.push(record);
      stretch.taken += 1;
      bytes += size;
    }
    this.bytes -= bytes;
    this.wake();
    return { records: taken, next, end: this.end };
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

/** The offset after everything in this answer: control records, aborted ones and what compaction removed count as read. */
function endOf(messages: readonly FetchedRecord[], from: bigint): bigint {
  const noted = fetchEndOf(messages);
  const last = messages.at(-1);
  if (noted === undefined && last === undefined) return from;
  const end = noted ?? (last === undefined ? from : lastOffsetOf(last));
  return end + 1n > from ? end + 1n : from;
}

function lastOffsetOf({ offset, batchContext }: FetchedRecord): bigint {
  // A message set of old has no batch around it.
  return batchContext === undefined ? BigInt(offset) : BigInt(batchContext.firstOffset) + BigInt(batchContext.lastOffsetDelta);
}

function readable(fetched: FetchedPartition, from: bigint, { topic, partition }: Feed): ReceivedRecord[] {
  const { messages, abortedTransactions } = fetched;
  const committed = abortedTransactions?.length ? committedRecords({ messages, abortedTransactions }) : messages;
  const records: ReceivedRecord[] = [];
  let early = true;
  for (const { key, value, headers, offset, timestamp, isControlRecord } of committed) {
    early &&= BigInt(offset) < from; // the broker answers with whole batches; offsets only grow
    if (early || isControlRecord || isErasure({ value, headers: headers as ReceivedRecord['headers'] })) continue;
    records.push({ topic, partition, offset, key, value, headers: withoutNulls(headers), timestamp: Number(timestamp) });
  }
  return records;
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
