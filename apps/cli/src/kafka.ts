import { commonSettings, type Instance, kafkaOf, readSettings } from '#settings';
import type { KafkaPlace, StreamClient } from '#stream';
import type { Logger } from '#telemetry';
import { note } from './output.js';

const CLIENT = 'khidi-cli';
const silent = () => undefined;

/** Standard output belongs to the answer, so the client's troubles go to standard error, and only those that matter. */
const log: Logger = { debug: silent, info: silent, warn: silent, error: (event) => note(`kafka: ${event}`) };

/** A Kafka as its administration is asked, by this command. */
export const askedOf = (place: KafkaPlace) => ({ ...place, clientId: CLIENT, log });

/** Opens a client for the time of `work`. It is loaded here, since most commands need none. */
export async function withKafka<T>(place: KafkaPlace, work: (client: StreamClient) => Promise<T>): Promise<T> {
  const { kafkaClient } = await import('#stream');
  const client = kafkaClient(askedOf(place));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** The Kafka of a local instance, as it is asked by this command. */
export const kafkaOfInstance = (instance: Instance): KafkaPlace => kafkaOf(instance, 'cli');

/** The Kafka of `--brokers`, or without it that of the local instance. */
export const kafkaOfFlag = async (brokers: readonly string[] | undefined, instance: () => Instance): Promise<KafkaPlace> =>
  brokers === undefined ? kafkaOfInstance(instance()) : kafkaOfBrokers(brokers);

/** Like {@link kafkaOfFlag}, with every right: for whoever makes topics or brings a whole instance back. */
export const kafkaOfAdmin = async (brokers: readonly string[] | undefined, instance: () => Instance): Promise<KafkaPlace> =>
  brokers === undefined ? kafkaOf(instance(), 'admin') : kafkaOfBrokers(brokers);

/** The Kafka of `--brokers`; the variables of a service say how it is asked. */
async function kafkaOfBrokers(brokers: readonly string[]): Promise<KafkaPlace> {
  const { kafkaAt } = await import('#stream');
  const { kafkaCa, kafkaCert, kafkaKey } = commonSettings;
  return kafkaAt({ ...readSettings({ kafkaCa, kafkaCert, kafkaKey }), brokers });
}

/** What `--brokers` names. */
export const readBrokers = (text: string): readonly string[] => text.split(',').map((broker) => broker.trim());
