import { HEADER, type ReceivedRecord, type RecordType, readDeliveryTopic, sealedTopic, validatedTopic } from '#record';
import type { StreamClient } from '#stream';
import { scanTopic } from '../read-topic.js';

/** One key on one partition, under which bodies of a subject lie. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer;
}

/** Where bodies of a subject lie, and how many there are. */
export interface Bodies {
  readonly places: readonly Place[];
  readonly bodies: number;
  /** The exchanges that they are of, as `<source> <id>`. */
  readonly exchanges: ReadonlySet<string>;
}

/**
 * Reads every topic that holds bodies and finds those of one subject. On the way of a record that is the key; on the topics of consumers with
 * pseudonyms of their own, what is of the same exchanges; on ingress topics, whose keys are the member's own, the positions that
 * validated records name; dead letters keep the key of where they came from. It reads everything that is kept, which may take a while.
 */
export async function findBodies(client: StreamClient, type: RecordType, pseudonym: string): Promise<Bodies> {
  const topics = await client.admin.topicNames();
  const found = new Found();
  const ingress = new Set<string>();
  const ofSubject = ({ key }: ReceivedRecord): boolean => key?.toString('latin1') === pseudonym;
  for (const topic of topics.filter((name) => isOnTheWay(name, type))) {
    await scanTopic(client, topic, (record) => {
      if (!ofSubject(record)) return;
      found.add(record);
      if (record.headers[HEADER.id] !== undefined) found.exchanges.add(exchangeOf(record));
      const at = ingressOf(record);
      if (at !== undefined) ingress.add(at);
    });
  }
  const keys = new Set([pseudonym]);
  for (const topic of topics.filter((name) => readDeliveryTopic(name)?.type === type)) {
    await scanTopic(client, topic, (record) => {
      const isOwn = record.headers[HEADER.ownSubject] !== undefined && found.exchanges.has(exchangeOf(record));
      if (!isOwn) return;
      found.add(record);
      keys.add(String(record.key));
    });
  }
  for (const topic of new Set([...ingress].map(topicIn))) {
    await scanTopic(client, topic, ({ partition, offset, key }) => {
      if (key !== null && ingress.has(`${topic}/${partition}/${offset}`)) keys.add(key.toString('latin1'));
    });
  }
  const more = topics.filter((name) => name.startsWith('dead-letter.') || isIngressOf(name, type));
  for (const topic of more) {
    await scanTopic(client, topic, (record) => {
      if (record.key !== null && keys.has(record.key.toString('latin1'))) found.add(record);
    });
  }
  return found;
}

class Found implements Bodies {
  readonly #places = new Map<string, Place>();
  readonly exchanges = new Set<string>();
  bodies = 0;

  get places(): readonly Place[] {
    return [...this.#places.values()];
  }

  add({ topic, partition, key, value }: ReceivedRecord): void {
    if (key === null || value === null) return;
    this.bodies += 1;
    this.#places.set(`${topic}/${partition}/${key.toString('latin1')}`, { topic, partition, key: Buffer.from(key) });
  }
}

/** What names an exchange beside every envelope, whatever the consumer calls its subject. */
const exchangeOf = ({ headers }: ReceivedRecord): string => `${String(headers[HEADER.source])} ${String(headers[HEADER.id])}`;

const isOnTheWay = (topic: string, type: RecordType): boolean =>
  topic === validatedTopic(type) || topic === sealedTopic(type) || readDeliveryTopic(topic)?.type === type;

const isIngressOf = (topic: string, type: RecordType): boolean => topic.startsWith('ingress.') && topic.endsWith(`.${type}`);

/** `topic/partition/offset` of the record as the agency sent it; only validated records say it. */
function ingressOf({ headers }: ReceivedRecord): string | undefined {
  const origin = headers[HEADER.origin];
  if (!Buffer.isBuffer(origin)) return undefined;
  const { ingress } = JSON.parse(origin.toString('utf8')) as { ingress?: unknown };
  return typeof ingress === 'string' ? ingress : undefined;
}

const topicIn = (position: string): string => position.split('/')[0] ?? '';
