import { type KafkaPlace, kafkaClient, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';

/** Our steps say themselves what went wrong. */
const log = createLogger('up', 'silent');

/** Opens a client for the time of `work`. */
export async function withKafka<T>(place: KafkaPlace, work: (client: StreamClient) => Promise<T>): Promise<T> {
  const client = kafkaClient({ ...place, clientId: 'khidi-up', log });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
