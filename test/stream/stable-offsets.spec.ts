import { type AssignedPartition, kafkaClient, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { relayPlan } from './support/relay.js';

jest.setTimeout(120_000);

let broker: TestBroker;
let client: StreamClient;

beforeAll(async () => {
  broker = await startBroker();
  client = kafkaClient({ brokers: [broker.address], clientId: 'test', log: createLogger('test', 'error') });
});

afterAll(async () => {
  await client.close();
  await broker.stop();
});

/** The first partition of `topic`, assigned to `group`. */
function assigned(group: string, topic: string): Promise<readonly [AssignedPartition, () => Promise<void>]> {
  return new Promise((resolve, reject) => {
    const joined = client.transport.join(
      { group, topics: [topic], sessionMs: 10_000 },
      {
        onAssigned: (partitions) => {
          const partition = partitions.find((one) => one.partition === 0);
          if (partition !== undefined) joined.then((membership) => resolve([partition, () => membership.close()]), reject);
        },
        onRevoked: async () => undefined,
        onStatus: () => undefined,
        onCrash: reject,
      },
    );
  });
}

describe('when a transaction that consumed a partition is open', () => {
  it('gives no committed offset before it has ended, and then the one that holds', async () => {
    await client.admin.ensureTopics(relayPlan('stable'));
    const [partition, leave] = await assigned('stable', 'stable-in');
    const records = [{ topic: 'stable-out', key: 'k', value: Buffer.from('1'), headers: {} }];
    const consumed = { group: 'stable', topic: 'stable-in', partition: 0, offset: 7n };
    const torn = client.transport.transactional('stable');
    await torn.connect();
    let produced = false;
    const beforeCommit = (): void => {
      produced = true;
      throw new Error('left open');
    };
    await expect((await torn.prepare(records)).commit({ consumed, beforeCommit })).rejects.toThrow();
    expect(produced).toBe(true);
    torn.dispose();
    await expect(partition.committed()).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE', detail: 'UNSTABLE_OFFSET_COMMIT' });

    const next = client.transport.transactional('stable');
    await next.connect(); // ends what was left open
    expect(await partition.committed()).toBeUndefined();
    await (await next.prepare(records)).commit({ consumed });
    await next.connect();
    expect(await partition.committed()).toBe(7n);
    next.dispose();
    await leave();
  });
});
