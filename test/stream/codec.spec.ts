import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import type { Admin, Kafka } from 'kafkajs';
import type { ReceivedRecord } from '#record';
import { kafkaClient, type StreamClient, type WireRecord } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';

jest.setTimeout(180_000);

const RECORDS = 20_000;
const SEED = 20_261_121;
const REQUEST = 400;

/** What of a record must come out as it went in. */
interface Content {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | readonly Buffer[]>>;
}
type StockKafka = typeof import('kafkajs');

/**
 * A copy of kafkajs, untouched by the codec that `#stream` brings into the other one. It requires parts of itself when they are first
 * needed, so that a registry of its own while it loads would not keep the two apart.
 */
const folder = mkdtempSync(join(tmpdir(), 'khidi-stock-'));
const loadStock = (): StockKafka => {
  const copy = join(folder, 'node_modules', 'kafkajs'); // a name by which it is left as it is
  cpSync(join('node_modules', 'kafkajs'), copy, { recursive: true });
  return jest.requireActual<StockKafka>(copy);
};

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((string) => Buffer.from(string));
const large = fc.integer({ min: 1000, max: 9000 }).map((length) => Buffer.alloc(length, length));
const name = fc.oneof(
  fc.constantFrom('ce_id', 'ce_type', 'ხიდი', '1', 'constructor'),
  fc.string({ minLength: 1, maxLength: 12 }),
);
const content: fc.Arbitrary<Content> = fc.record({
  key: fc.option(fc.oneof(bytes(40), text)),
  value: fc.option(fc.oneof(bytes(300), text, { weight: 1, arbitrary: large })),
  headers: fc.dictionary(name, fc.oneof(bytes(30), text, fc.array(text, { minLength: 2, maxLength: 3 })), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
});

let broker: TestBroker;
let stock: Kafka;
let admin: Admin;
let client: StreamClient;
let contents: readonly Content[];
const stockModule = loadStock();

const parts = <Item>(items: readonly Item[]): (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / REQUEST) }, (_, i) => items.slice(i * REQUEST, (i + 1) * REQUEST));

const topicOf = async (topic: string): Promise<string> => {
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
  return topic;
};

/** Reads a topic's partition 0 with our codec until `count` records or its end have come. */
const readWithOurs = async (topic: string): Promise<ReceivedRecord[]> => {
  const end = BigInt((await client.admin.endOffsets(topic))[0]?.end ?? 0);
  const records: ReceivedRecord[] = [];
  await new Promise<void>((resolve, reject) => {
    const reader = client.transport.read({ topic, partition: 0, from: 'earliest' }, async (run) => {
      records.push(...run.records);
      if (run.next >= end) resolve();
    });
    reader.done.catch(reject);
    void reader.done.then(resolve);
  });
  return records;
};

/** Reads a topic with kafkajs as it is published, until `count` records have come. */
const readWithStock = async (topic: string, isLast: (records: Content[]) => boolean): Promise<Content[]> => {
  const consumer = stock.consumer({ groupId: `${topic}-group`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const records: Content[] = [];
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachBatch: async ({ batch }) => {
        for (const { key, value, headers } of batch.messages) records.push({ key, value, headers } as Content);
        if (isLast(records)) resolve();
      },
    });
  });
  await consumer.disconnect();
  return records;
};

// Stock adds what objects inherit to a header of that name: the one deliberate difference, left out where stock reads.
const isInherited = (header: string): boolean => header in Object.prototype;
const plain = ({ key, value, headers }: Content) => ({
  key: key?.toString('hex') ?? null,
  value: value?.toString('hex') ?? null,
  headers: Object.entries(headers).map(([header, held]) => [
    header,
    Buffer.isBuffer(held) ? held.toString('hex') : held.map((each) => each.toString('hex')),
  ]),
});

/** The places at which two lists of records differ; the records themselves would fill pages. */
const differences = (found: readonly Content[], expected: readonly Content[]): number[] => {
  const places = Array.from({ length: Math.max(found.length, expected.length) }, (_, i) => i);
  const at = (records: readonly Content[], i: number) => JSON.stringify(records[i] && plain(records[i]));
  return places.filter((i) => at(found, i) !== at(expected, i));
};

beforeAll(async () => {
  contents = fc.sample(content, { numRuns: RECORDS, seed: SEED });
  broker = await startBroker();
  stock = new stockModule.Kafka({ brokers: [broker.address], clientId: 'stock', logLevel: stockModule.logLevel.NOTHING });
  admin = stock.admin();
  await admin.connect();
  client = kafkaClient({ brokers: [broker.address], clientId: 'ours', log: createLogger('test', 'error') });
});

afterAll(async () => {
  await client?.close();
  await admin?.disconnect();
  await broker?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe(`when ${RECORDS} random records go through a real broker`, () => {
  it('reads with the codec exactly what stock has written, plain and compressed', async () => {
    const topic = await topicOf('from-stock');
    const producer = stock.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: stockModule.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    for (const [i, part] of parts(contents).entries()) {
      const messages = part.map(({ key, value, headers }) => ({ key, value, headers: headers as Record<string, Buffer> }));
      await producer.send({
        topic,
        messages,
        compression: i % 5 === 0 ? stockModule.CompressionTypes.GZIP : stockModule.CompressionTypes.None,
      });
    }
    await producer.disconnect();
    const found = await readWithOurs(topic);
    expect(found).toHaveLength(RECORDS);
    expect(differences(found as readonly Content[], contents)).toEqual([]);
    expect(found.map(({ offset }) => Number(offset))).toEqual(contents.map((_, i) => i));
  });

  it('writes with the codec exactly what stock can read', async () => {
    const topic = await topicOf('from-ours');
    const sent = contents.map(({ headers, ...rest }) => ({
      ...rest,
      headers: Object.fromEntries(Object.entries(headers).filter(([header]) => !isInherited(header))),
    }));
    const producer = client.transport.transactional('from-ours');
    await producer.connect();
    for (const part of parts(sent)) {
      const writes = await producer.prepare(part.map((record) => ({ ...record, topic, partition: 0 }) as WireRecord));
      const positions = await writes.commit();
      expect(positions).toHaveLength(part.length);
    }
    producer.dispose();
    const found = await readWithStock(topic, (records) => records.length >= RECORDS);
    expect(found).toHaveLength(RECORDS);
    expect(differences(found, sent)).toEqual([]);
    expect(differences((await readWithOurs(topic)) as readonly Content[], sent)).toEqual([]);
  });
});

describe('when transactions of two producers overlap and both are aborted', () => {
  it('shows none of their records, where stock shows one', async () => {
    const topic = await topicOf('aborted');
    const producers = await Promise.all(
      ['first', 'second'].map(async (transactionalId) => {
        const producer = stock.producer({
          transactionalId,
          idempotent: true,
          maxInFlightRequests: 1,
          createPartitioner: stockModule.Partitioners.DefaultPartitioner,
        });
        await producer.connect();
        return producer;
      }),
    );
    const [first, second] = await Promise.all(producers.map((producer) => producer.transaction()));
    if (first === undefined || second === undefined) throw new Error('both transactions were begun');
    await first.send({ topic, messages: [{ value: 'aborted late' }] });
    await second.send({ topic, messages: [{ value: 'aborted early' }] });
    await second.abort();
    await first.abort();
    const third = await producers[0]?.transaction();
    await third?.send({ topic, messages: [{ value: 'committed' }] });
    await third?.commit();
    await Promise.all(producers.map((producer) => producer.disconnect()));

    expect((await readWithOurs(topic)).map(({ value }) => String(value))).toEqual(['committed']);
    const read = await readWithStock(topic, (records) => records.some(({ value }) => String(value) === 'committed'));
    expect(read.map(({ value }) => String(value))).toEqual(['aborted late', 'committed']);
  });
});

describe('when a connection is idle', () => {
  /** Timers set in one second, once nothing is asked any more. */
  const timersInASecond = async (): Promise<number> => {
    await pause(200);
    const timers = jest.spyOn(globalThis, 'setTimeout');
    await pause(1000);
    const { length } = timers.mock.calls;
    timers.mockRestore();
    return length;
  };

  it('sets no timer with the patch, and hundreds a second without it (K7)', async () => {
    await admin.disconnect();
    await client.admin.endOffsets('from-ours');
    const patched = await timersInASecond();
    await admin.connect();
    await admin.listTopics();
    const unpatched = await timersInASecond();
    console.log(`timers a second on an idle connection: ${patched} with the patch, ${unpatched} with stock`);
    expect(patched).toBe(0);
    expect(unpatched).toBeGreaterThan(200);
  });
});
