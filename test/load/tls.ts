import { kafkaClient } from '#stream';
import { createLogger } from '#telemetry';
import { persons } from '../../examples/registries/index.js';
import { startBroker, type TestBroker } from '../broker.js';
import { cpuSeconds, type Row, row } from './measure.js';

const RECORDS = 40_000;
const PART = 400;
const ROUNDS = 4;
const TOPIC = 'bench.tls';
const ADMINISTRATOR = 'bench';

interface Cost {
  /** Microseconds of processor time a record: this process, which writes and reads, and the broker. */
  client: number;
  broker: number;
  /** Records a second, written and then read. */
  rate: number;
}

/**
 * What a closed Kafka costs: the same records of 1 KB written and read over TLS with client certificates and rules for every principal,
 * beside a plain connection; two brokers, in turn. The first round of each warms it up.
 */
export async function benchTls(tell: (text: string) => void): Promise<Row[]> {
  const records = [...persons({ count: RECORDS, from: 0 })].map(({ id, bytes }) => ({ key: String(id), value: bytes }));
  const costs: Record<'plain' | 'closed', Cost[]> = { plain: [], closed: [] };
  const brokers: TestBroker[] = [];
  try {
    brokers.push(await startBroker());
    brokers.push(await startBroker({ administrators: ['kafka', ADMINISTRATOR] }));
    const [plain, closed] = brokers;
    for (let round = 0; plain !== undefined && closed !== undefined && round < ROUNDS; round += 1) {
      tell(`a closed Kafka, round ${round + 1} of ${ROUNDS}`);
      costs.plain.push(await carry(plain, records, false));
      costs.closed.push(await carry(closed, records, true));
    }
  } finally {
    await Promise.all(brokers.map((broker) => broker.stop()));
  }
  const mean = (of: 'plain' | 'closed', what: keyof Cost): number =>
    costs[of].slice(1).reduce((sum, cost) => sum + cost[what], 0) / (ROUNDS - 1);
  const beside = (what: keyof Cost) => ({ name: 'plain', value: mean('plain', what) });
  return [
    row('closed Kafka: written and read again', mean('closed', 'rate'), 'records/s', beside('rate')),
    row('closed Kafka: processor time of the client', mean('closed', 'client'), 'µs/record', beside('client')),
    row('closed Kafka: processor time of the broker', mean('closed', 'broker'), 'µs/record', beside('broker')),
  ];
}

/** Writes all records and reads them back; everything that a new connection costs is part of it. */
async function carry(
  broker: TestBroker,
  records: readonly { readonly key: string; readonly value: Buffer }[],
  tls: boolean,
): Promise<Cost> {
  const client = kafkaClient({
    ...{ brokers: [broker.address], clientId: ADMINISTRATOR, log: createLogger(ADMINISTRATOR, 'error') },
    ...(tls ? { tls: broker.tlsOf(ADMINISTRATOR) } : {}),
  });
  const topic = { name: TOPIC, role: 'sealed' as const, partitions: 1, config: {} };
  await client.admin.ensureTopics({ topics: [topic], messageMaxBytes: 2_097_152 });
  const [end] = await client.admin.endOffsets(TOPIC);
  const before = { own: process.cpuUsage(), broker: cpuSeconds(broker.pid()), at: performance.now() };
  const publisher = client.publisher({ timeoutMs: 60_000 });
  for (let at = 0; at < records.length; at += PART)
    await publisher.publish(records.slice(at, at + PART).map((one) => ({ topic: TOPIC, partition: 0, headers: {}, ...one })));
  await publisher.close();
  await readBack(client, end?.end ?? '0', records.length);
  const own = process.cpuUsage(before.own);
  const seconds = (performance.now() - before.at) / 1000;
  const cost = {
    client: (own.user + own.system) / records.length,
    broker: ((cpuSeconds(broker.pid()) - before.broker) / records.length) * 1e6,
    rate: records.length / seconds,
  };
  await client.close();
  return cost;
}

async function readBack(client: ReturnType<typeof kafkaClient>, fromOffset: string, count: number): Promise<void> {
  let seen = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const tail = await client.tail(TOPIC, { fromOffset, partition: 0 }, (records) => {
    seen += records.length;
    if (seen >= count) finish();
  });
  await Promise.race([finished, tail.done]);
  await tail.stop();
}
