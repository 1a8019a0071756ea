import { type AbortedTransaction, committedRecords } from './committed-records.js';
import { fetchEndOf } from './fetch-end.js';
import type { FetchedRecord } from './kafkajs-modules.js';

/** One partition's part of a fetch response, as kafkajs decodes it. */
export interface PartitionData {
  readonly partition: number;
  readonly highWatermark: string;
  readonly abortedTransactions?: readonly AbortedTransaction[];
  readonly messages: FetchedRecord[];
}

/** The part of kafkajs's Batch that ours replaces; all other methods are inherited. */
export interface StockBatch {
  fetchedOffset: string;
  rawMessages: FetchedRecord[];
  messagesWithinOffset: FetchedRecord[];
  messages: FetchedRecord[];
  isEmpty(): boolean;
  isEmptyDueToFiltering(): boolean;
  lastOffset(): string;
}

export type BatchClass = new (topic: string, fetchedOffset: string, data: PartitionData) => StockBatch;

/**
 * kafkajs's Batch without a big integer per record: offsets only grow within a fetch, so that what lies before the wanted
 * offset is a beginning to cut off. It also knows how far the fetched batches reach, and steps over a stretch that
 * compaction has emptied at once, where stock creeps through it one offset a fetch or waits in front of it for ever.
 */
export const leanBatch = (Stock: BatchClass): BatchClass =>
  class LeanBatch extends Stock {
    private readonly end: bigint | undefined;

    constructor(topic: string, fetchedOffset: string, data: PartitionData) {
      super(topic, fetchedOffset, { ...data, messages: [] });
      const wanted = BigInt(fetchedOffset);
      const end = fetchEndOf(data.messages);
      this.end = end !== undefined && end >= wanted ? end : undefined;
      this.rawMessages = data.messages;
      this.messagesWithinOffset = from(wanted, data.messages);
      this.messages = this.committed(data.abortedTransactions);
    }

    override isEmptyDueToFiltering(): boolean {
      return super.isEmptyDueToFiltering() || (this.isEmpty() && this.end !== undefined);
    }

    override lastOffset(): string {
      return this.end === undefined ? super.lastOffset() : this.end.toString();
    }

    private committed(aborted: readonly AbortedTransaction[] | undefined): FetchedRecord[] {
      const within = this.messagesWithinOffset;
      const committed = aborted?.length ? committedRecords({ messages: within, abortedTransactions: aborted }) : within;
      return committed.filter((record) => !record.isControlRecord);
    }
  };

const from = (wanted: bigint, records: FetchedRecord[]): FetchedRecord[] => {
  const first = records.findIndex((record) => BigInt(record.offset) >= wanted);
  if (first === 0) return records;
  return first < 0 ? [] : records.slice(first);
};
