import { type AbortedTransaction, committedRecords } from './committed-records.js';
import { asBatches } from './decode-messages.js';
import type { FetchedBatch } from './fetched-batch.js';
import type { FetchedRecord } from './kafkajs-modules.js';

/** What was fetched of one partition: batches from our codec, records from kafkajs's. */
export interface FetchedMessages {
  readonly messages: readonly FetchedBatch[] | readonly FetchedRecord[];
  readonly abortedTransactions?: readonly AbortedTransaction[];
}

/** The batches of an answer, without the records of aborted transactions. Where there are any, all are read for it. */
export const committedBatches = ({ messages, abortedTransactions }: FetchedMessages): readonly FetchedBatch[] => {
  const batches = isOpened(messages) ? messages : asBatches(messages);
  const last = batches.at(-1);
  if (last === undefined || abortedTransactions === undefined || abortedTransactions.length === 0) return batches;
  const records = committedRecords({ messages: batches.flatMap((batch) => [...batch.read()]), abortedTransactions });
  return [{ last: last.last, size: batches.reduce((bytes, { size }) => bytes + size, 0), read: () => records }];
};

const isOpened = (messages: FetchedMessages['messages']): messages is readonly FetchedBatch[] =>
  messages[0] !== undefined && 'read' in messages[0];
