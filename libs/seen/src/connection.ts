import { Redis, type Result } from 'ioredis';
import type { Secret } from '#settings';

/** Where Redis is, and as whom it is asked: `redis://<user>@host:port` with the password apart from it. */
export interface RedisPlace {
  readonly redisUrl: string;
  readonly redisPassword?: Secret | undefined;
}

/** How long to wait for Redis, in milliseconds. */
export interface Patience {
  /** For the answer to one command. */
  readonly answer: number;
  /** For a connection, and the longest pause between two attempts. */
  readonly connect: number;
}

/** Marks all ids of a chunk at once and answers what stood there before: one round trip, and a fifth of a pipeline's CPU. */
const MARK = `
local found = {}
for i, key in ipairs(KEYS) do
  found[i] = redis.call('SET', key, ARGV[i + 1], 'NX', 'GET', 'EX', ARGV[1])
end
return found`;

/** Deletes the marks that end in the given positions, and no others. */
const RELEASE = `
for i, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  if value and string.sub(value, -string.len(ARGV[i])) == ARGV[i] then redis.call('DEL', key) end
end
return 0`;

/**
 * Takes from a quota: what Redis counted or, where that is more, what the caller knows to be used. Answers what was granted, and what is used
 * with it. Times are not asked of Redis: the caller's window is in the key.
 */
const TAKE = `
local limit, wanted, known = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local used = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), known)
local left = math.max(0, limit - used)
local granted = math.min(wanted, left)
if ARGV[5] == '1' and wanted > left then granted = 0 end
redis.call('SET', KEYS[1], used + granted, 'PX', ARGV[4])
return {granted, used + granted}`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    khidiMark(keys: number, ...keysAndValues: (string | number)[]): Result<unknown, Context>;
    khidiTake(keys: number, ...keyAndNumbers: (string | number)[]): Result<unknown, Context>;
    khidiRelease(keys: number, ...keysAndPositions: string[]): Result<unknown, Context>;
  }
}

/**
 * A connection that fails at once while Redis is away (no offline queue), never sends a command a second time by itself,
 * gives up on a socket that has fallen silent, and reconnects for ever.
 */
export function connect(place: RedisPlace, patience: Patience): Redis {
  return new Redis(urlWithPassword(place), {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: patience.answer,
    socketTimeout: patience.answer * 2,
    connectTimeout: patience.connect,
    disconnectTimeout: patience.answer,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt - 1, 10), patience.connect),
    reconnectOnError: (error) => error.message.startsWith('READONLY'), // after a fail-over, the address leads to the new master
    disableClientInfo: true,
    scripts: { khidiMark: { lua: MARK }, khidiRelease: { lua: RELEASE }, khidiTake: { lua: TAKE } },
  });
}

/** Whether Redis can be used at present. */
export type RedisState = 'ready' | 'away';

/** {@link connect}, and `onChange` is called once whenever Redis goes away or comes back; `tell` is for what answers show beside that. */
export function connectTelling(
  place: RedisPlace,
  patience: Patience,
  onChange: ((state: RedisState) => void) | undefined,
): { readonly redis: Redis; readonly tell: (state: RedisState) => void } {
  const redis = connect(place, patience);
  let known: RedisState | undefined;
  const tell = (state: RedisState): void => {
    if (state !== known) onChange?.(state);
    known = state;
  };
  redis.on('ready', () => tell('ready'));
  redis.on('close', () => tell('away'));
  redis.on('error', () => tell('away')); // without a listener ioredis prints the error with its command
  return { redis, tell };
}

/** ioredis takes a user without a password for one with an empty one, so both have to stand in the address. */
function urlWithPassword({ redisUrl, redisPassword }: RedisPlace): string {
  if (redisPassword === undefined) return redisUrl;
  const url = new URL(redisUrl);
  url.password = encodeURIComponent(redisPassword.reveal());
  return url.href;
}

/**
 * Why a command failed, in words that hold no key: ioredis hangs the whole command with its arguments on its errors, so
 * neither the error nor its message may travel further.
 */
export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const code = /^[A-Z]{3,20}\b/.exec(message)?.[0];
  if (code !== undefined) return `Redis answered ${code}`;
  return timedOut(error) ? 'Redis did not answer in time' : 'there is no connection to Redis';
}

/** Whether it was our patience that ended. The answer may still be on its way. */
export function timedOut(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out';
}
