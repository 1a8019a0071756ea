import { type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import { startBroker, type TestBroker } from '../broker.js';
import { API, KafkaProxy } from './support/kafka-proxy.js';

jest.setTimeout(120_000);

const ATTEMPTS = 5;

let broker: TestBroker;
let proxy: KafkaProxy;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startBroker({ proxied: true });
  proxy = await KafkaProxy.start(broker.port, broker.behind);
  kafka = new Kafka({
    clientId: 'stock',
    brokers: [broker.address],
    logLevel: logLevel.NOTHING,
    logCreator: () => () => undefined,
  });
});

afterAll(async () => {
  await proxy.stop();
  await broker.stop();
});

async function producer(id: string): Promise<Producer> {
  // A few attempts, so that a send fails soon; a relay with more of them meets the same when the broker is away for longer.
  const retry = { initialRetryTime: 50, factor: 0, multiplier: 1, retries: ATTEMPTS - 1 };
  const made = kafka.producer({ transactionalId: id, idempotent: true, maxInFlightRequests: 1, retry });
  await made.connect();
  return made;
}

async function commit(from: Producer, topic: string, value: string): Promise<void> {
  const transaction = await from.transaction();
  try {
    await transaction.send({ topic, messages: [{ partition: 0, key: 'k', value }] });
    await transaction.commit();
  } catch (error) {
    await transaction.abort();
    throw error;
  }
}

/** The committed values of a topic, up to the one that says it is the last. */
async function read(topic: string): Promise<string[]> {
  const consumer: Consumer = kafka.consumer({ groupId: `reader-of-${topic}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      values.push(String(message.value));
      if (values.at(-1) === 'last') resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return values;
}

/** Every acknowledged value is committed by a relay that goes on after a send whose acknowledgement was lost. */
async function relay(topic: string, renewed: boolean): Promise<{ acknowledged: string[]; found: string[] }> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false });
  await admin.disconnect();
  let current = await producer(topic);
  const acknowledged: string[] = [];
  for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) {
    if (value === 'b') void proxy.lose(API.produce, ATTEMPTS);
    try {
      await commit(current, topic, value);
      acknowledged.push(value);
    } catch {
      if (!renewed) continue;
      await current.disconnect();
      current = await producer(topic);
    }
  }
  await current.disconnect();
  const other = await producer(`${topic}-other`);
  await commit(other, topic, 'last');
  await other.disconnect();
  return { acknowledged, found: (await read(topic)).filter((value) => value !== 'last') };
}

describe('when a stock producer is used again after a send whose acknowledgement was lost (rule 4, K1)', () => {
  it('reuses the sequence number: the broker takes the next batch for a repeat, acknowledges it and keeps nothing', async () => {
    const { acknowledged, found } = await relay('reused', false);
    console.log(`reused: acknowledged ${acknowledged.join(' ')}, found ${found.join(' ')}`);
    expect(acknowledged.filter((value) => !found.includes(value))).toHaveLength(1);
  });
});

describe('when it is thrown away and a new one made', () => {
  it('keeps everything that was acknowledged', async () => {
    const { acknowledged, found } = await relay('renewed', true);
    expect(acknowledged.length).toBeGreaterThanOrEqual(3);
    expect(found).toEqual(acknowledged);
  });
});
