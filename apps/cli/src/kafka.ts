import type { StreamClient } from '#stream';
import type { Logger } from '#telemetry';
import { note } from './output.js';

const silent = () => undefined;

/** Standard output belongs to the answer, so the client's troubles go to standard error, and only those that matter. */
const log: Logger = { debug: silent, info: silent, warn: silent, error: (event) => note(`kafka: ${event}`) };

/** Opens a client for the time of `work`. It is loaded here, since most commands need none. */
export async function withKafka<T>(brokers: readonly string[], work: (client: StreamClient) => Promise<T>): Promise<T> {
  const { kafkaClient } = await import('#stream');
  const client = kafkaClient({ brokers, clientId: 'khidi-cli', log });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** What `--brokers` names. */
export const readBrokers = (text: string): readonly string[] => text.split(',').map((broker) => broker.trim());
