import type { FetchedMessages } from '../codec/committed-batches.js';
import type { Packed } from '../codec/pack.js';
import type { Exchange } from '../codec/stable-offsets.js';
import type { WireRecord } from '../port.js';

/** The parts of kafkajs's Cluster and Broker that are used here, as version 2.2.4 has them. kafkajs serves as the protocol. */
export interface ClusterOf {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findBroker(node: { nodeId: number }): Promise<BrokerOf>;
  findControllerBroker(): Promise<BrokerOf>;
  findGroupCoordinator(options: { groupId: string; coordinatorType: number }): Promise<BrokerOf>;
  findGroupCoordinatorMetadata(options: { groupId: string; coordinatorType: number }): Promise<CoordinatorOf>;
  findTopicPartitionMetadata(topic: string): readonly { partitionId: number; leader: number }[];
  fetchTopicsOffset(
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number }[];
      fromBeginning?: boolean;
      fromTimestamp?: number;
    }[],
  ): Promise<readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[]>;
  readonly brokerPool: { readonly metadata: { readonly clusterId: string } | null };
}

interface CoordinatorOf {
  readonly coordinator: { readonly nodeId: number };
}

export interface BrokerOf {
  readonly nodeId: number;
  /** For what kafkajs itself cannot ask. */
  readonly connectionPool: { send<Answer>(exchange: Exchange<Answer>): Promise<Answer> };
  findGroupCoordinator(options: { groupId: string; coordinatorType: number }): Promise<CoordinatorOf>;
  produce(request: {
    topicData: readonly TopicDataOf[];
    transactionalId?: string;
    producerId: string;
    producerEpoch: number;
    acks: number;
    timeout: number;
    compression: number;
  }): Promise<{ topics: readonly { topicName: string; partitions: readonly { partition: number; baseOffset: string }[] }[] }>;
  fetch(request: {
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: readonly { topic: string; partitions: readonly { partition: number; fetchOffset: string; maxBytes: number }[] }[];
  }): Promise<{ responses: readonly { topicName: string; partitions: readonly FetchedPartition[] }[] }>;
  initProducerId(request: { transactionalId?: string; transactionTimeout: number }): Promise<ProducerIdentity>;
  addPartitionsToTxn(
    request: Identified & { transactionalId: string; topics: readonly { topic: string; partitions: readonly number[] }[] },
  ): Promise<unknown>;
  addOffsetsToTxn(request: Identified & { transactionalId: string; groupId: string }): Promise<unknown>;
  txnOffsetCommit(
    request: Identified & { transactionalId: string; groupId: string; topics: readonly OffsetsOf[] },
  ): Promise<unknown>;
  endTxn(request: Identified & { transactionalId: string; transactionResult: boolean }): Promise<unknown>;
  offsetFetch(request: {
    groupId: string;
    topics: readonly { topic: string; partitions: readonly { partition: number }[] }[];
  }): Promise<{ responses: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[] }>;
}

export interface ProducerIdentity {
  readonly producerId: string;
  readonly producerEpoch: number;
}

type Identified = ProducerIdentity;

interface OffsetsOf {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata: null }[];
}

export interface TopicDataOf {
  readonly topic: string;
  readonly partitions: { readonly partition: number; readonly firstSequence: number; readonly messages: Packed<WireRecord> }[];
}

export interface FetchedPartition extends FetchedMessages {
  readonly partition: number;
  readonly highWatermark: string;
  readonly lastStableOffset?: string;
}
