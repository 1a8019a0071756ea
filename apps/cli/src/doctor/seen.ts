import { readFileSync } from 'node:fs';
import { Secret } from '#settings';
import { type Check, well, wrong } from './finding.js';

/** Whether Redis answers and may be written. */
export const redis: Check = {
  name: 'redis',
  otherwise: 'Start Redis again: an empty one loses nothing; validation waits until it answers.',
  look: async ({ instance: { redisUrl, redisPasswordFile: file } }) => {
    const { askRedis } = await import('#seen');
    const redisPassword = file === undefined ? undefined : new Secret(readFileSync(file, 'utf8').trim());
    const answer = await askRedis({ redisUrl, redisPassword });
    if ('version' in answer) return [well('redis', `Redis ${answer.version} answers, role ${answer.role}`)];
    return [wrong('redis', 'ill', answer.reason, redis.otherwise)];
  },
};
