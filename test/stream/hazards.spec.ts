import type { ReceivedRecord, Verdict } from '#record';
import { kafkaClient, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { count, drained, EXACT, sendNumbers } from './support/count.js';
import { API, KafkaProxy } from './support/kafka-proxy.js';
import { copyTo, type Relay, relayPlan, startRelay } from './support/relay.js';

jest.setTimeout(180_000);

let broker: TestBroker;
let proxy: KafkaProxy;
let client: StreamClient;
const relays: Relay[] = [];

beforeAll(async () => {
  broker = await startBroker({ proxied: true });
  proxy = await KafkaProxy.start(broker.port, broker.behind);
  client = kafkaClient({ brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') });
});

afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close();
});

afterAll(async () => {
  await client.close();
  await proxy.stop();
  await broker.stop();
});

type Given = Parameters<typeof startRelay>;
async function relay(name: string, judge?: Given[2], more?: Given[3]): Promise<Relay> {
  const started = await startRelay(broker.address, name, judge, more);
  relays.push(started);
  return started;
}

describe.each([
  ['a produce', 'ack-produce', API.produce],
  ['the end of a transaction', 'ack-end', API.endTxn],
] as const)('when the acknowledgement of %s is lost', (_, name, api) => {
  it('loses, doubles and misorders nothing (K1)', async () => {
    await client.admin.ensureTopics(relayPlan(name));
    await sendNumbers(client, `${name}-in`, [0, 3000]);
    const lost = proxy.lose(api, 4);
    await relay(name, undefined, { chunk: { records: 100 } });
    await lost;
    await drained(client, name);
    expect(await count(client, `${name}-out`, 3000)).toEqual(EXACT);
  });
});

describe('when the acknowledgement of a publish is lost', () => {
  it('is sent again with the same sequence numbers and written once', async () => {
    await client.admin.ensureTopics(relayPlan('publish'));
    const publisher = client.publisher();
    const record = (n: number) => ({ topic: 'publish-out', key: 'k', value: Buffer.from(`${n}`), headers: {} });
    await publisher.publish([record(0)]);
    const lost = proxy.lose(API.produce, 2);
    const [position] = await publisher.publish([record(1), record(2)]);
    await lost;
    await publisher.publish([record(3)]);
    await publisher.close();
    expect(position?.offset).toBe('1');
    expect(await count(client, 'publish-out', 4)).toEqual(EXACT);
  });
});

describe('when transactions follow each other without a pause', () => {
  it('waits milliseconds for CONCURRENT_TRANSACTIONS, not the 300 of the client library', async () => {
    await client.admin.ensureTopics(relayPlan('busy'));
    await sendNumbers(client, 'busy-in', [0, 200], { keys: 1 });
    const before = proxy.concurrent;
    const begin = Date.now();
    await relay('busy', undefined, { chunk: { records: 1 } });
    await drained(client, 'busy');
    const seconds = (Date.now() - begin) / 1000;
    const concurrent = proxy.concurrent - before;
    console.log(`200 transactions of one record: ${seconds} s, CONCURRENT_TRANSACTIONS answered ${concurrent} times`);
    expect(await count(client, 'busy-out', 200)).toEqual(EXACT);
    expect(concurrent).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(concurrent * 0.3);
  });
});

describe('when a chunk writes more than a request may carry', () => {
  it('is cut into several transactions', async () => {
    await client.admin.ensureTopics(relayPlan('large'));
    await sendNumbers(client, 'large-in', [0, 60], { keys: 5, bytes: 150_000 });
    const twice = ({ key, value }: ReceivedRecord): Verdict => {
      const output = { topic: 'large-out', key: key ?? '', headers: {}, value };
      return {
        kind: 'accepted',
        outputs: [output, { ...output, value: Buffer.concat([value ?? Buffer.alloc(0), Buffer.alloc(150_000, ' ')]) }],
      };
    };
    await relay('large', (batch) => batch.map(twice));
    await drained(client, 'large');
    expect(await count(client, 'large-out', 60)).toEqual({ ...EXACT, duplicated: 60 });
  });
});

describe('when the broker accepts less than the plan says', () => {
  it('cuts smaller until it does', async () => {
    const narrow = { name: 'narrow', role: 'validated', partitions: 1, config: { 'max.message.bytes': '400000' } } as const;
    const plan = relayPlan('shrink');
    await client.admin.ensureTopics({ ...plan, topics: [...plan.topics, narrow] });
    await sendNumbers(client, 'shrink-in', [0, 60], { keys: 5, bytes: 100_000 });
    await relay('shrink', (batch) => batch.map(copyTo('narrow')));
    await drained(client, 'shrink');
    expect(await count(client, 'narrow', 60)).toEqual(EXACT);
  });
});

describe('when a handler throws a TypeError', () => {
  it('makes one dead letter, and the partition moves on', async () => {
    await client.admin.ensureTopics(relayPlan('defect'));
    await sendNumbers(client, 'defect-in', [0, 1000]);
    const { stream, lines } = await relay('defect', (batch) =>
      batch.map((record) => {
        if (String(record.value) === '333') throw new TypeError(`cannot read ${record.value}`);
        return copyTo('defect-out')(record);
      }),
    );
    await drained(client, 'defect');
    expect(await count(client, 'defect-out', 1000)).toEqual({ ...EXACT, lost: 1 });
    expect(await count(client, 'dead-letter.defect', 1000)).toEqual({ ...EXACT, lost: 999 });
    expect(stream.ready()).toBe(true);
    expect(lines.join('')).not.toContain('cannot read');
  });
});

describe('when the group rebalances in the middle of batches', () => {
  it('loses, doubles and misorders nothing', async () => {
    await client.admin.ensureTopics(relayPlan('moving'));
    await relay('moving', undefined, { chunk: { records: 20 } });
    const sending = sendNumbers(client, 'moving-in', [0, 20_000]);
    for (let i = 0; i < 3; i += 1) {
      const passing = await startRelay(broker.address, 'moving', undefined, { chunk: { records: 20 } });
      while (!passing.lines.some((line) => line.includes('partitions assigned'))) await new Promise((r) => setTimeout(r, 20));
      await passing.close();
    }
    await sending;
    await drained(client, 'moving');
    expect(await count(client, 'moving-out', 20_000)).toEqual(EXACT);
  });
});

describe('when a topic is missing or has another number of partitions', () => {
  it('refuses to start and says which', async () => {
    const plan = relayPlan('missing');
    await client.admin.ensureTopics(plan);
    const [first, ...others] = plan.topics;
    if (first === undefined) throw new Error('the plan has topics');
    const wrong = { ...plan, topics: [{ ...first, partitions: 4 }, ...others, { ...first, name: 'nowhere' }] };
    await expect(startRelay(broker.address, 'missing', undefined, { plan: wrong })).rejects.toMatchObject({
      code: 'STREAM_TOPIC_MISSING',
      detail: expect.stringMatching(/missing-in has 3 partitions instead of 4, nowhere does not exist/) as string,
    });
  });
});

describe('when a transaction is given up at the end of a topic', () => {
  it('has a table that still catches up, without what was given up', async () => {
    const topic = { name: 'table', role: 'schemas', partitions: 1, config: { 'cleanup.policy': 'compact' } } as const;
    await client.admin.ensureTopics({ messageMaxBytes: 1, topics: [topic] });
    const entry = (value: string) => ({ topic: 'table', key: 'a', value: Buffer.from(value), headers: {} });
    const writer = await client.fencedWriter('table-writer', ['table']);
    await writer.write([entry('1')]);
    const table = client.table('table');
    await table.start();
    const second = client.transport.transactional('table-writer');
    await second.connect();
    const giveUp = (): never => {
      throw new Error('given up before the commit');
    };
    await expect((await second.prepare([entry('2')])).commit({ beforeCommit: giveUp })).rejects.toThrow('STREAM_UNAVAILABLE');
    second.dispose();
    const third = client.transport.transactional('table-writer');
    await third.connect(); // ends the transaction of the one before
    third.dispose();
    await table.caughtUp();
    expect(String(table.get('a'))).toBe('1');
    await expect(writer.write([entry('3')])).rejects.toMatchObject({ code: 'STREAM_FENCED' });
    await table.close();
  });
});
