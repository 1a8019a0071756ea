export {
  type AccessOperation,
  type AccessPlan,
  type AccessResource,
  type AccessRule,
  planAccess,
  transactionalId,
} from './access-plan.js';
export { awaitKafka } from './await-kafka.js';
export type { Bury } from './bury.js';
export { type StreamClient, streamClient } from './client.js';
export { type PrincipalQuotas, planClientQuotas } from './client-quotas.js';
export { crashPoint } from './crash-point.js';
export { DEAD_LETTER_HEADER, deadLetter, type ReadDeadLetter, readDeadLetter } from './dead-letter.js';
export {
  DEAD_LETTER_BODY,
  type DeadLetterSeal,
  deadLetterSeal,
  openDeadLetterBody,
  openDeadLetterSeal,
} from './dead-letter-seal.js';
export { assertEpoch } from './epoch.js';
export type { FencedWriter } from './fenced-writer.js';
export { type KafkaPlace, kafkaAt, type TlsFiles } from './kafka-tls.js';
export { type AccessChange, ensureAccess } from './kafkajs/access.adapter.js';
export { kafkaClient } from './kafkajs/client.adapter.js';
export { ensureClientQuotas, type QuotaChange } from './kafkajs/client-quotas.adapter.js';
export { alterTopics, topicDifferences } from './kafkajs/topic-settings.adapter.js';
export { OnRecords } from './on-records.js';
export { openTopics } from './open-topics.js';
export {
  deadLetterTopic,
  isRegister,
  type PlannedTopic,
  partOf,
  planTopics,
  type Subscription,
  type TopicPlan,
  type TopicRole,
  topicsOf,
} from './plan.js';
export type {
  AssignedPartition,
  FetchedRun,
  GroupListener,
  GroupMembership,
  JoinOptions,
  PartitionEnd,
  PartitionLag,
  PlainProducer,
  Reader,
  ReadOptions,
  StreamAdmin,
  StreamTransport,
  TransactionalProducer,
  TransactionEnd,
  WireRecord,
} from './port.js';
export type { Publisher, PublisherOptions } from './publisher.js';
export { RecordStream, type RecordStreamOptions } from './record-stream.js';
export { keptMs, overdueOffsets } from './retention.js';
export { streamSettings } from './stream-settings.js';
export type { Table } from './table.js';
export type { Tail, TailOptions } from './tail.js';
export type { TopicDifference } from './topic-differences.js';
export { placeInSpan, sentWith } from './traced.js';
