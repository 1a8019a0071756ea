import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines } from './logs.js';
import { onPath, type Tool } from './packages.js';
import { answersWithin, LOOPBACK } from './ports.js';
import { endProcess, isAlive, type ProcessIdentity, startDetached } from './processes.js';

/** Redis, or Valkey, which is the same server under another name. */
export const redis: Tool = {
  name: 'redis-server',
  debian: ['redis-server', 'valkey-server'],
  advice: { debian: 'redis-server', elsewhere: '"brew install redis"' },
  find: () => Promise.resolve(onPath('redis-server') ?? onPath('valkey-server')),
};

/** Where and how one Redis runs. */
export interface RedisPlan {
  readonly folder: string;
  readonly port: number;
  /** The redis-server to run; from PATH where it is absent. */
  readonly server?: string;
  /** Who may come in, and with which password; without it everybody may. */
  readonly guard?: RedisGuard;
  /** Keep what was seen over a restart. Tests that want an emptied Redis say false. */
  readonly keep?: boolean;
}

/** The name of the only user. */
export const REDIS_USER = 'khidi';

/** The only user there is. Redis is told the SHA-256 of the password, in hexadecimal. */
export interface RedisGuard {
  readonly user: string;
  readonly passwordHash: string;
}

/** A Redis that accepts connections. */
export interface RunningRedis {
  readonly url: string;
  readonly process: ProcessIdentity;
  readonly log: string;
  stop(): Promise<void>;
}

/** The file that Redis's output goes to. */
export const redisLog = (folder: string): string => join(folder, 'redis.log');

const START_MS = 20_000;
const STOP_MS = 5000;

/**
 * Starts Redis on loopback and waits until it accepts connections. It appends what it holds to a file once a second, so that
 * `down` and `up` do not make yesterday's records look new; nothing depends on it (DESIGN section 4). `onStarted` hears of the
 * process before it answers.
 */
export async function startRedis(
  { folder, port, server = 'redis-server', keep = true, guard }: RedisPlan,
  onStarted?: (process: ProcessIdentity) => void,
): Promise<RunningRedis> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = redisLog(folder);
  const file = join(folder, 'redis.conf');
  writeFileSync(file, configuration({ folder, port, keep, ...(guard === undefined ? {} : { guard }) }), { mode: 0o600 });
  const process = await startDetached({ command: server, args: [file], log });
  onStarted?.(process);
  if (!(await answersWithin(port, START_MS, () => isAlive(process)))) {
    await endProcess(process, 1000);
    throw new Error(`Redis did not start. The end of ${log}:\n${lastLines(log)}`);
  }
  return {
    url: `redis://${guard === undefined ? '' : `${guard.user}@`}${LOOPBACK}:${port}`,
    process,
    log,
    stop: () => stopRedis(process),
  };
}

/** Ends a Redis that was started here, in this process or an earlier one. */
export async function stopRedis(process: ProcessIdentity): Promise<void> {
  await endProcess(process, STOP_MS);
}

/** What the marks need (libs/seen) and `khidi doctor` asks, on our own keys, and nothing else. */
const RIGHTS = '~khidi:* resetchannels -@all +set +get +del +eval +evalsha +script|load +ping +info';

/** The one user there is, as a line of Redis's own configuration or of its list of users. */
export const usersOf = ({ user, passwordHash }: RedisGuard): readonly string[] => [
  'user default off',
  `user ${user} on #${passwordHash} ${RIGHTS}`,
];

/** In a file and not in arguments, which everybody on the machine can read. */
function configuration({ folder, port, keep, guard }: Pick<RedisPlan, 'folder' | 'port' | 'keep' | 'guard'>): string {
  return `${[
    `port ${port}`,
    `bind ${LOOPBACK}`,
    `dir "${folder}"`,
    'save ""',
    `appendonly ${keep === true ? 'yes' : 'no'}`,
    'appendfsync everysec',
    ...(guard === undefined ? [] : usersOf(guard)),
  ].join('\n')}\n`;
}
