import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MemberId, type RecordType, readMembership } from '#record';
import { readJsonFile } from '#settings';
import { kafkaClient, planTopics } from '#stream';
import { createLogger } from '#telemetry';
import { membershipOf } from './instance.js';

/** Members who publish more than those of `deploy/local/members.json`: the file that services read, and the topics of it all. */
export interface Members {
  readonly file: string;
  makeTopics(brokers: string): Promise<void>;
}

/** Writes the file into `folder`; `more` says what each member publishes beside the usual. */
export function membersWith(folder: string, more: readonly (readonly [MemberId, readonly RecordType[]])[]): Members {
  const { operator, members } = membershipOf();
  const moreOf = new Map(more);
  const text = {
    operator,
    members: members.map(({ id, name, subsystems, publishes }) => ({
      ...{ id, name, subsystems: subsystems.map((one) => one.split('/').at(-1)) },
      publishes: [...new Set([...publishes, ...(moreOf.get(id) ?? [])])],
    })),
  };
  const file = join(folder, 'members.json');
  writeFileSync(file, JSON.stringify(text));
  const read = readMembership(text);
  if ('mistakes' in read) throw new Error(read.mistakes.join());
  const { membership } = read;
  return {
    file,
    async makeTopics(brokers) {
      const client = kafkaClient({ brokers: brokers.split(','), clientId: 'test', log: createLogger('test', 'error') });
      await client.admin.ensureTopics(planTopics(readJsonFile('deploy/kafka/topics.json'), membership));
      await client.close();
    },
  };
}
