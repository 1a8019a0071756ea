import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Instance as Description } from '#settings';
import type { Instance } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';

/** Writes down an instance as `npm run up` does, so that the CLI finds it. Gives the file. */
export function describeInstance(instance: Instance): string {
  const service = (kind: Description['services'][number]['kind'], process: ServiceProcess, member?: string) => ({
    name: process.command.name,
    kind,
    ...(member === undefined ? {} : { member }),
    url: process.url,
    log: process.command.log,
    process: { pid: process.pid ?? 1, started: 'a test' },
    fingerprint: 'a test',
  });
  const description: Description = {
    version: 1,
    brokers: [instance.brokers],
    redisUrl: instance.redisUrl,
    membersFile: resolve('deploy/local/members.json'),
    topicsFile: resolve('deploy/kafka/topics.json'),
    secretsFolder: join(instance.folder, 'secrets'),
    services: [
      service('schema-registry', instance.registry),
      service('validation', instance.validation),
      service('signing', instance.signing),
      service('ledger', instance.ledger),
      ...instance.agencies.map(({ adapter, member }) => service('agency-adapter', adapter, member.id)),
    ],
    ports: {},
  };
  const file = join(instance.folder, 'state.json');
  writeFileSync(file, JSON.stringify(description));
  return file;
}
