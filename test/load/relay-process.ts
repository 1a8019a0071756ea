import { type EachBatchPayload, Kafka, logLevel, type Producer } from 'kafkajs';

/**
 * The peer of the road: the barest relay that stock kafkajs can be, with the same chunks and the same guarantees (rules 3 to 8 of
 * the design): one transactional producer for each input partition, outputs and consumed offsets in one transaction, committed
 * records only. It copies key, value and headers and looks at nothing.
 *
 * Settings: `BROKERS`, `GROUP`, `ROUTES` (`in=out,…`), `CHUNK` (records).
 */
const env = (name: string): string => process.env[name] ?? '';
const chunk = Number(env('CHUNK'));
const group = env('GROUP');
const routes = new Map(
  env('ROUTES')
    .split(',')
    .map((route) => route.split('=') as [string, string]),
);
const kafka = new Kafka({ clientId: group, brokers: env('BROKERS').split(','), logLevel: logLevel.NOTHING });
const producers = new Map<string, Promise<Producer>>();

async function connect(id: string): Promise<Producer> {
  const producer = kafka.producer({
    transactionalId: id,
    idempotent: true,
    maxInFlightRequests: 1,
    retry: { initialRetryTime: 10, factor: 0, multiplier: 1.2, retries: 50 },
  });
  await producer.connect();
  return producer;
}

async function relay({ batch, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
  const { topic, partition, messages } = batch;
  const id = `${group}-${topic}-${partition}`;
  const made = producers.get(id) ?? connect(id);
  producers.set(id, made);
  const producer = await made;
  for (let at = 0; at < messages.length && isRunning() && !isStale(); at += chunk) {
    const part = messages.slice(at, at + chunk);
    const last = part.at(-1);
    if (last === undefined) break;
    const transaction = await producer.transaction();
    await transaction.sendBatch({
      acks: -1,
      topicMessages: [
        {
          topic: routes.get(topic) ?? '',
          messages: part.map(({ key, value, headers }) => ({ key, value, ...(headers === undefined ? {} : { headers }) })),
        },
      ],
    });
    const offset = String(BigInt(last.offset) + 1n);
    await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions: [{ partition, offset }] }] });
    await transaction.commit();
    await heartbeat();
  }
}

const consumer = kafka.consumer({ groupId: group, sessionTimeout: 30_000, readUncommitted: false });
await consumer.connect();
await consumer.subscribe({ topics: [...routes.keys()], fromBeginning: true });
await consumer.run({ autoCommit: false, partitionsConsumedConcurrently: 4, eachBatchAutoResolve: true, eachBatch: relay });
process.send?.('running');
process.once('SIGTERM', () => {
  void consumer.disconnect().then(() => process.exit(0));
});
