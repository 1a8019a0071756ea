import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';
import type { Configuration } from '#policy';
import { decodeOutcomes, ingressTopic, type Outcome, outcomesTopic } from '#record';
import type { StreamClient } from '#stream';
import { ingressRecord } from '#testkit';
import { startRedis } from '../../deploy/local/redis.js';
import { ServiceProcess } from '../instance/service-process.js';
import { PROVIDER, TYPE } from './exchange.js';

/** What issue 6 promises: within so many milliseconds a revocation and a suspension are felt everywhere. */
export const FELT_MS = 5000;
/** How much longer is watched, so that what comes too late is seen. */
const WATCHED_MS = FELT_MS + 1500;

/** The same configuration, with every agreement revoked. */
export const revoked = (configuration: Configuration): Configuration => ({
  ...configuration,
  agreements: configuration.agreements.map((one) => ({ ...one, revoked: instantNow() })),
});

/** The same configuration, with the provider suspended. */
export const suspended = (configuration: Configuration): Configuration => ({
  ...configuration,
  members: configuration.members.map((one) => (one.id === PROVIDER ? { ...one, state: 'suspended' } : one)),
});

const instantNow = (): string => new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');

/** A validation beside the delivery under test, on the same broker. */
export async function startValidation(brokers: string, folder: string, anchor: string) {
  const server = process.env.KHIDI_REDIS_SERVER;
  const redis = await startRedis({
    folder: join(folder, 'redis'),
    port: await getPort(),
    keep: false,
    ...(server === undefined ? {} : { server }),
  });
  const port = await getPort();
  mkdirSync(join(folder, 'keys'), { mode: 0o700 });
  const validation = new ServiceProcess({
    name: 'validation',
    entry: resolve(process.env.KHIDI_FLOW_DIST ?? 'dist', 'apps/validation/src/main.js'),
    port,
    log: join(folder, 'validation.log'),
    env: {
      NODE_ENV: 'test',
      KHIDI_PORT: String(port),
      KAFKA_BROKERS: brokers,
      REDIS_URL: redis.url,
      KHIDI_MEMBERS: resolve('deploy/local/members.json'),
      KHIDI_TOPICS: resolve('deploy/kafka/topics.json'),
      KHIDI_KEYS: join(folder, 'keys'),
      KHIDI_CONFIGURATION_ANCHOR: anchor,
    },
  });
  validation.start();
  await validation.ready();
  return {
    stop: async () => {
      await validation.stop();
      await redis.stop();
    },
  };
}

/** An agency that goes on sending whatever anybody decides, ten records a second. */
export class Sending {
  /** By event id: when Kafka had it. */
  readonly sent = new Map<string, number>();
  private stopping = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly client: StreamClient,
    private readonly alsoSend: () => Promise<void>,
  ) {
    this.done = this.run();
  }

  /** Watches for what comes too late after `since`, then ends. */
  async watched(since: number): Promise<void> {
    await pause(since + WATCHED_MS - Date.now());
    this.stopping = true;
    await this.done;
  }

  private async run(): Promise<void> {
    const publisher = this.client.publisher();
    const topic = ingressTopic(PROVIDER, TYPE);
    for (let i = 0; !this.stopping; i++) {
      const { headers, value } = ingressRecord({ attributes: { id: `late-${i}` } });
      await publisher.publish([{ topic, partition: 0, key: 'late', value, headers: headers as Record<string, Buffer> }]);
      this.sent.set(`late-${i}`, Date.now());
      await this.alsoSend();
      await pause(100);
    }
    await publisher.close();
  }
}

/** What the agency was told of each of these records; throws where it is not told of all within 20 s. */
export async function outcomesOf(client: StreamClient, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Outcome>> {
  const found = new Map<string, Outcome>();
  const tail = await client.tail(outcomesTopic(PROVIDER), { fromOffset: 'earliest' }, (records) => {
    for (const { value } of records)
      for (const one of decodeOutcomes(value) ?? []) if (one.id !== undefined && ids.has(one.id)) found.set(one.id, one);
  });
  for (const end = Date.now() + 20_000; found.size < ids.size; await pause(100))
    if (Date.now() > end) throw new Error(`${ids.size - found.size} of ${ids.size} records have no outcome`);
  await tail.stop();
  return found;
}
