import { execa } from 'execa';
import type { PlannedTopic } from '#stream';
import { kafkaPrograms } from '../instance/instance.js';

/** Kafka's own tool: our services have no right to delete a topic, and so no code for it. */
async function topics(address: string, args: readonly string[]): Promise<void> {
  const { jars, java = 'java' } = kafkaPrograms();
  const tool = ['-Xmx128m', '-cp', `${jars}/*`, 'org.apache.kafka.tools.TopicCommand', '--bootstrap-server', address];
  await execa(java, [...tool, ...args], { stdin: 'ignore' });
}

export const deleteTopic = (address: string, name: string): Promise<void> => topics(address, ['--delete', '--topic', name]);

export const createTopic = (address: string, { name, partitions, config }: PlannedTopic): Promise<void> =>
  topics(address, [
    ...['--create', '--topic', name, '--partitions', String(partitions)],
    ...Object.entries(config).flatMap(([entry, value]) => ['--config', `${entry}=${value}`]),
  ]);
