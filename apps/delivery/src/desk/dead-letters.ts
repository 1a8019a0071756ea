import type { FaultCode } from '#faults';
import type { ReceivedRecord } from '#record';
import { type FetchedRun, readDeadLetter, type StreamClient, type Tail } from '#stream';
import { describeError, type Logger } from '#telemetry';
import { readUntil } from '../read-until.js';
import { ADDRESS_HEADER } from '../steps/addressed.js';

/** What is known of a dead letter without its body. `id` is `<service>/<offset>`. */
export interface DeadLetter {
  readonly id: string;
  readonly code: FaultCode;
  /** Where the record stood, as `topic/partition/offset`. */
  readonly original: string;
  /** Of a delivery: for whom it was. */
  readonly consumer?: string;
  readonly type?: string;
  /** Since when it is one. */
  readonly at: string;
  readonly bytes: number;
  /** Where its body is encrypted: the thumbprint of the operators' key. */
  readonly encryptedTo?: string;
}

const TOPIC = 'dead-letter.';
const FIND_MS = 10_000;

/** All dead letters that are kept, of every service. Their bodies stay on their topics. */
export class DeadLetters {
  private readonly known = new Map<string, DeadLetter>();
  private tails: Tail[] = [];

  constructor(
    private readonly client: Pick<StreamClient, 'tail' | 'transport'>,
    private readonly log: Logger,
  ) {}

  /** Begins to follow these topics. Throws STREAM_TOPIC_MISSING. */
  async start(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      const tail = await this.client.tail(topic, { fromOffset: 'earliest' }, (records) => {
        for (const record of records) this.note(topic.slice(TOPIC.length), record);
      });
      tail.done.catch((error: unknown) => this.log.error('dead letters cannot be followed', { topic, ...describeError(error) }));
      this.tails.push(tail);
    }
  }

  all(): readonly DeadLetter[] {
    return [...this.known.values()].sort((a, b) => a.at.localeCompare(b.at) || (a.id < b.id ? -1 : 1));
  }

  get(id: string): DeadLetter | undefined {
    return this.known.get(id);
  }

  /** The dead letter itself, with its body; undefined where it is not kept any more. */
  async fetch(id: string): Promise<ReceivedRecord | undefined> {
    const [service = '', offset = ''] = id.split('/');
    if (!this.known.has(id)) return undefined;
    let found: ReceivedRecord | undefined;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const patience = setTimeout(finish, FIND_MS);
    const take = ({ records: [first] }: FetchedRun): void => {
      if (first === undefined) return;
      found ??= first;
      finish();
    };
    const options = { topic: `${TOPIC}${service}`, partition: 0, from: BigInt(offset) };
    await readUntil(this.client.transport, options, take, finished).finally(() => clearTimeout(patience));
    return found?.offset === offset ? found : undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.tails.map((tail) => tail.stop()));
  }

  private note(service: string, record: ReceivedRecord): void {
    const read = readDeadLetter(record);
    if (read === undefined) {
      this.log.warn('what stands on a dead-letter topic is none', { service, offset: record.offset });
      return;
    }
    const { topic, partition, offset } = read.original;
    const [consumer, type] = [ADDRESS_HEADER.consumer, ADDRESS_HEADER.type].map((name) => record.headers[name]);
    this.known.set(`${service}/${record.offset}`, {
      id: `${service}/${record.offset}`,
      code: read.fault,
      original: `${topic}/${partition}/${offset}`,
      ...(consumer === undefined ? {} : { consumer: String(consumer) }),
      ...(type === undefined ? {} : { type: String(type) }),
      at: new Date(record.timestamp).toISOString(),
      bytes: record.value?.length ?? 0,
      ...(read.encryptedTo === undefined ? {} : { encryptedTo: read.encryptedTo }),
    });
  }
}
