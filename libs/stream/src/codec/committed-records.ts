import type { BatchContext } from './kafkajs-modules.js';

/** A transaction that the broker says was aborted: all of this producer's batches from there to its abort marker. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface MaybeAborted {
  readonly key: Uint8Array | null;
  readonly isControlRecord?: boolean;
  readonly batchContext?: BatchContext;
}

interface Fetched<Item> {
  readonly messages: readonly Item[];
  readonly abortedTransactions?: readonly AbortedTransaction[] | null;
}

/**
 * Leaves out the records of aborted transactions, as Java's consumer does. kafkajs's own filter lets some of them through:
 * it takes the list as sorted (the broker gives it in the order of the abort markers), opens at most one transaction per
 * record where several may have begun before it, and takes any record whose key is four zero bytes for an abort marker.
 * Control records stay in, as there; the batch removes them.
 */
export const committedRecords = <Item extends MaybeAborted>({ messages, abortedTransactions }: Fetched<Item>): Item[] => {
  if (!abortedTransactions || abortedTransactions.length === 0) return [...messages];
  const waiting = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: BigInt(firstOffset) }))
    .sort((a, b) => (a.firstOffset < b.firstOffset ? 1 : -1));
  const aborted = new Set<string>();
  let current: BatchContext | undefined;
  return messages.filter((record) => {
    const batch = record.batchContext;
    if (batch === undefined) return true; // a message set of old knows no transactions
    if (batch !== current) {
      current = batch;
      const lastOffset = BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta);
      for (let next = waiting.at(-1); next !== undefined && next.firstOffset <= lastOffset; next = waiting.at(-1)) {
        aborted.add(next.producerId);
        waiting.pop();
      }
    }
    if (record.isControlRecord) {
      if (isAbort(record.key)) aborted.delete(batch.producerId);
      return true;
    }
    return !(batch.inTransaction && aborted.has(batch.producerId));
  });
};

// Key of a control record: version int16, type int16; type 0 is abort, 1 commit.
const isAbort = (key: Uint8Array | null): boolean => key !== null && key.length >= 4 && key[2] === 0 && key[3] === 0;
