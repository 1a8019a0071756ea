import { mkdirSync } from 'node:fs';
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
  /** Keep what was seen over a restart. Tests that want an emptied Redis say false. */
  readonly keep?: boolean;
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
  { folder, port, server = 'redis-server', keep = true }: RedisPlan,
  onStarted?: (process: ProcessIdentity) => void,
): Promise<RunningRedis> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = redisLog(folder);
  const settings = {
    port: String(port),
    bind: LOOPBACK,
    dir: folder,
    save: '',
    appendonly: keep ? 'yes' : 'no',
    appendfsync: 'everysec',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const process = await startDetached({ command: server, args, log });
  onStarted?.(process);
  if (!(await answersWithin(port, START_MS, () => isAlive(process)))) {
    await endProcess(process, 1000);
    throw new Error(`Redis did not start. The end of ${log}:\n${lastLines(log)}`);
  }
  return { url: `redis://${LOOPBACK}:${port}`, process, log, stop: () => stopRedis(process) };
}

/** Ends a Redis that was started here, in this process or an earlier one. */
export async function stopRedis(process: ProcessIdentity): Promise<void> {
  await endProcess(process, STOP_MS);
}
