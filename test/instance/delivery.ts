import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import getPort from 'get-port';
import type { OutgoingRecord, SubsystemId } from '#record';
import type { StreamClient } from '#stream';
import type { Instance } from './instance.js';
import { ServiceProcess } from './service-process.js';

/** Where a delivery stands: a folder for its files, and a broker. */
export interface DeliveryPlace {
  readonly folder: string;
  readonly brokers: string;
  readonly client: StreamClient;
  readonly log: string;
  readonly nodeArgs?: readonly string[];
}

/** What the directory has said when a delivery starts: its anchor, and its configuration as a record. */
export interface Said {
  readonly anchor: object;
  readonly record: OutgoingRecord;
}

/** What a delivery needs beside its place. */
export interface DeliveryNeeds {
  readonly directory: Said;
  /** The key that seals, where no signing publishes one. */
  readonly keyRecord?: OutgoingRecord;
  /** Consumers with a webhook, each of which gets a secret. */
  readonly webhooks?: readonly SubsystemId[];
  /** On top of what it needs to find its place. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The place of a delivery beside an instance. */
export function besideInstance({ folder, brokers, client, nodeArgs }: Instance): DeliveryPlace {
  return { folder, brokers, client, log: join(folder, 'logs', 'delivery.log'), nodeArgs };
}

/** The place of a delivery with nothing but a broker beside it. */
export function besideBroker(folder: string, address: string, client: StreamClient): DeliveryPlace {
  return { folder, brokers: address, client, log: join(folder, 'delivery.log') };
}

/** Writes the anchor of a directory into a folder, and gives its file. */
export function writeAnchor(folder: string, { anchor }: Pick<Said, 'anchor'>): string {
  const file = join(folder, 'anchor.json');
  writeFileSync(file, JSON.stringify(anchor));
  return file;
}

/** Puts everything in place that a delivery needs, publishes what it reads first, and gives it as a process that is not yet started. */
export async function prepareDelivery(
  { folder, brokers, client, log, nodeArgs = [] }: DeliveryPlace,
  { directory, keyRecord, webhooks = [], env = {} }: DeliveryNeeds,
): Promise<ServiceProcess> {
  const anchor = writeAnchor(folder, directory);
  const secrets = join(folder, 'webhooks');
  mkdirSync(secrets, { recursive: true });
  for (const consumer of webhooks) {
    const secret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;
    writeFileSync(join(secrets, `${consumer.replaceAll('/', '-')}.whsec`), secret, { mode: 0o600 });
  }
  const publisher = client.publisher();
  await publisher.publish([...(keyRecord === undefined ? [] : [keyRecord]), directory.record]);
  await publisher.close();
  const port = await getPort();
  return new ServiceProcess({
    name: 'delivery',
    entry: resolve(process.env.KHIDI_FLOW_DIST ?? 'dist', 'apps/delivery/src/main.js'),
    port,
    log,
    nodeArgs,
    env: {
      NODE_ENV: 'test',
      KHIDI_PORT: String(port),
      KAFKA_BROKERS: brokers,
      KHIDI_MEMBERS: resolve('deploy/local/members.json'),
      KHIDI_TOPICS: resolve('deploy/kafka/topics.json'),
      KHIDI_CONFIGURATION_ANCHOR: anchor,
      KHIDI_WEBHOOK_SECRETS: secrets,
      ...env,
    },
  });
}
