import type { OutgoingMessage } from './outgoing-record.js';

/** One partition of a topic as the cluster's metadata describes it. */
export interface PartitionMetadata {
  readonly partitionId: number;
  readonly leader: number;
}

/** Chooses the partition of a message. */
export type Partitioner = (choice: {
  readonly topic: string;
  readonly partitionMetadata: readonly PartitionMetadata[];
  readonly message: OutgoingMessage;
}) => number;

interface ToGroup {
  readonly topic: string;
  readonly partitionMetadata: readonly PartitionMetadata[];
  readonly messages: readonly OutgoingMessage[];
  readonly partitioner: Partitioner;
}

/** Messages by partition, each in the order given. Stock copies a partition's list for every message added to it. */
export const groupByPartition = ({
  topic,
  partitionMetadata,
  messages,
  partitioner,
}: ToGroup): Record<number, OutgoingMessage[]> => {
  const groups: Record<number, OutgoingMessage[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group === undefined) {
      groups[partition] = [message];
    } else {
      group.push(message);
    }
  }
  return groups;
};
