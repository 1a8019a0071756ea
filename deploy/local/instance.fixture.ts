import type { Instance } from '#settings';

/** An instance of which nothing runs yet. */
export const FRESH: Instance = {
  version: 1,
  brokers: ['127.0.0.1:1'],
  redisUrl: 'redis://127.0.0.1:2',
  membersFile: '/x/members.json',
  topicsFile: '/x/topics.json',
  secretsFolder: '/x/secrets',
  services: [],
  ports: {},
};
