import { join } from 'node:path';
import { type Instance, readJsonFile, readMembers } from '#settings';
import { planTopics, type TopicPlan } from '#stream';
import { KHIDI_FOLDER, ROOT } from './root.js';
import { secretsFolder } from './secrets.js';
import { State } from './state.js';

/** An instance of which nothing runs yet. */
const fresh = (folder: string): Instance => ({
  version: 1,
  brokers: ['127.0.0.1:9092'],
  redisUrl: 'redis://127.0.0.1:6379',
  membersFile: join(ROOT, 'deploy', 'local', 'members.json'),
  topicsFile: join(ROOT, 'deploy', 'kafka', 'topics.json'),
  secretsFolder: secretsFolder(folder),
  services: [],
  ports: {},
});

/** The local instance as it was left, or a new one. */
export function openState(folder = KHIDI_FOLDER): State {
  return State.open(folder, fresh(folder));
}

/** The topics that this instance must have. */
export function topicPlan({ topicsFile, membersFile }: Pick<Instance, 'topicsFile' | 'membersFile'>): TopicPlan {
  return planTopics(readJsonFile(topicsFile), readMembers(membersFile));
}
