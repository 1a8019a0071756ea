import { FaultError } from '#faults';
import { createLogger } from '#telemetry';
import { awaitKafka } from './await-kafka.js';
import type { StreamClient } from './client.js';

const log = createLogger('test', 'silent');
const clientWhose = (clusterId: () => Promise<string>) => ({ admin: { clusterId } }) as unknown as StreamClient;
const away = () => Promise.reject(new FaultError('STREAM_UNAVAILABLE', 'connection refused'));

it('resolves as soon as Kafka answers', async () => {
  await expect(
    awaitKafka(
      clientWhose(async () => 'cluster'),
      log,
    ),
  ).resolves.toBeUndefined();
});

it('throws STREAM_UNAVAILABLE when the time is over', async () => {
  await expect(awaitKafka(clientWhose(away), log, -1)).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
});

it('throws at once what no waiting mends', async () => {
  const denied = () => Promise.reject(new FaultError('STREAM_TOPIC_MISSING', 'no'));
  await expect(awaitKafka(clientWhose(denied), log)).rejects.toMatchObject({ code: 'STREAM_TOPIC_MISSING' });
});
