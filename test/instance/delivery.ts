import { join, resolve } from 'node:path';
import { ServiceProcess } from './service-process.js';

/** What a delivery under test stands beside: a folder with `anchor.json` and `webhooks/`, and a broker with a configuration. */
export interface DeliveryPlace {
  readonly folder: string;
  readonly brokers: string;
  readonly port: number;
  readonly log: string;
  readonly nodeArgs?: readonly string[];
}

/** Delivery as a process, not yet started. `env` goes on top of what it needs to find its place. */
export function deliveryProcess(
  { folder, brokers, port, log, nodeArgs = [] }: DeliveryPlace,
  env: Readonly<Record<string, string>>,
): ServiceProcess {
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
      KHIDI_CONFIGURATION_ANCHOR: join(folder, 'anchor.json'),
      KHIDI_WEBHOOK_SECRETS: join(folder, 'webhooks'),
      ...env,
    },
  });
}
