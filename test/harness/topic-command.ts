import { execa } from 'execa';
import type { Admin } from 'kafkajs';
import type { PlannedTopic } from '#stream';
import { kafkaPrograms } from '../instance/instance.js';

/**
 * Our services have no right to delete or change a topic, and so no code for it. kafkajs is loaded here, since `#stream` must have loaded
 * it before.
 */
async function asAdmin(address: string, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const { Kafka, logLevel } = await import('kafkajs');
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export const deleteTopic = (address: string, name: string): Promise<void> =>
  asAdmin(address, (admin) => admin.deleteTopics({ topics: [name] }));

export const createTopic = (address: string, { name, partitions, config }: PlannedTopic): Promise<void> =>
  asAdmin(address, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: name,
          numPartitions: partitions,
          replicationFactor: 1,
          configEntries: Object.entries(config).map(([entry, value]) => ({ name: entry, value })),
        },
      ],
    }),
  );

/** Changes settings of topics that exist, and lets the broker look for work of its cleaner every half second. */
export async function configureTopics(
  address: string,
  names: readonly string[],
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const { jars, java = 'java' } = kafkaPrograms();
  const tool = ['-Xmx128m', '-cp', `${jars}/*`, 'kafka.admin.ConfigCommand', '--bootstrap-server', address, '--alter'];
  const change = (args: readonly string[]) => execa(java, [...tool, ...args], { stdin: 'ignore' });
  const all = Object.entries(config).map(([name, value]) => `${name}=${value}`);
  await change(['--entity-type', 'brokers', '--entity-default', '--add-config', 'log.cleaner.backoff.ms=500']);
  for (const name of names) await change(['--entity-type', 'topics', '--entity-name', name, '--add-config', all.join()]);
}
