import { connect, type RedisPlace, reason } from './connection.js';

/** What a Redis says of itself, or why it cannot be asked. */
export type RedisAnswer = { readonly version: string; readonly role: string } | { readonly reason: string };

const PATIENCE = { answer: 3000, connect: 3000 } as const;

/** Asks a Redis once who it is, without touching any of its keys. Never throws; the reason holds no address and no secret. */
export async function askRedis(place: RedisPlace): Promise<RedisAnswer> {
  const redis = connect(place, PATIENCE);
  redis.on('error', () => undefined); // without a listener ioredis prints the error with its command
  try {
    await new Promise<void>((resolve, reject) => {
      redis.once('ready', resolve);
      redis.once('error', reject);
    });
    const told = `${await redis.info('server')}\n${await redis.info('replication')}`;
    const field = (name: string) => new RegExp(`^${name}:([\\w.-]+)`, 'm').exec(told)?.[1] ?? 'unknown';
    return { version: field('redis_version'), role: field('role') };
  } catch (error) {
    return { reason: reason(error) };
  } finally {
    redis.disconnect();
  }
}
