export { type ConsumeOptions, type ConsumerEvents, type Consuming, consume, type KeySource } from './consume.js';
export { type Delivery, type DeliveryMessage, type ReadDelivery, readDelivery } from './delivery.js';
export { type MemorySink, memorySink } from './memory-sink.js';
export { type ReceiptDoor, type ReceiptDoorOptions, receiptDoor, receiptFor } from './receipts.js';
export { requestDigest } from './request-digest.js';
export { SealingKeys } from './sealing-keys.js';
export type { Applied, Sink, SinkPosition } from './sink.js';
export { SINK_TABLES, type SqlConnection, sqlSink } from './sql-sink.js';
export { type ReadWebhook, readWebhook, type WebhookRequest } from './webhook.js';
