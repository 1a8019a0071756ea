import { join } from 'node:path';
import type { Instance } from '#settings';
import { closing, givenKafka } from './access.js';
import { kafkaLog, startKafka, stopKafka } from './kafka.js';
import { answers, freePort, LOOPBACK } from './ports.js';
import type { Machine } from './prepare.js';
import { isAlive } from './processes.js';
import { REDIS_USER, redisLog, startRedis, stopRedis } from './redis.js';
import { redisPassword } from './secrets.js';
import type { State } from './state.js';

/** How a server came to run: it is somebody else's, was running already, or was started now. */
export type Found = 'given' | 'kept' | 'started';

const PORTS = { kafka: 19092, 'kafka-controller': 19192, redis: 16379 } as const;

/**
 * Sees to it that a Kafka runs: the one in KAFKA_BROKERS, the one that an earlier run started, or a new one. Ours is closed, with a
 * certificate for everybody in the table of rules, unless it is to be `plain`; one that runs the other way is started anew on its data.
 */
export async function ensureKafka(
  state: State,
  machine: Machine,
  { plain, given = process.env.KAFKA_BROKERS ?? '' }: { readonly plain: boolean; readonly given?: string },
): Promise<Found> {
  if (given !== '') {
    place(state, givenKafka(given));
    return 'given';
  }
  const closed = plain ? undefined : closing(state.folder, state.current);
  const { kafka, ports } = state.current;
  const known = ports.kafka;
  const ours = (port: number) => ({ brokers: [`${LOOPBACK}:${port}`], kafkaTls: closed?.kafkaTls });
  if (kafka !== undefined && isAlive(kafka.process)) {
    if (known !== undefined && kafka.certificate === closed?.serial && (await answers(known))) {
      place(state, ours(known));
      return 'kept';
    }
    await stopKafka(kafka.process); // started by a run that was cut off, or hung, or with another certificate, or with none
  }
  const port = await freePort(known ?? PORTS.kafka);
  const controllerPort = await freePort(ports['kafka-controller'] ?? PORTS['kafka-controller']);
  const folder = join(state.folder, 'kafka');
  state.rememberPort('kafka', port);
  state.rememberPort('kafka-controller', controllerPort);
  const certificate = closed === undefined ? {} : { certificate: closed.serial };
  await startKafka(
    {
      folder,
      port,
      controllerPort,
      jars: machine.kafkaJars ?? join(folder, 'libs'),
      ...(machine.java === undefined ? {} : { java: machine.java }),
      ...(closed === undefined ? {} : { closed }),
    },
    (process) => state.change({ kafka: { process, log: kafkaLog(folder), ...certificate } }),
  );
  place(state, ours(port));
  return 'started';
}

function place(state: State, { brokers, kafkaTls }: Pick<Instance, 'brokers'> & { kafkaTls?: Instance['kafkaTls'] }): void {
  const { kafkaTls: _before, ...rest } = state.current;
  state.replace({ ...rest, brokers, ...(kafkaTls === undefined ? {} : { kafkaTls }) });
}

/**
 * Sees to it that a Redis runs: the one in REDIS_URL (with the password in the file of KHIDI_REDIS_PASSWORD_FILE), the one that an earlier
 * run started, or a new one. Ours takes one user with a password; one of before, which took everybody, is started anew on its data.
 */
export async function ensureRedis(state: State, machine: Machine, given = process.env.REDIS_URL): Promise<Found> {
  if (given !== undefined && given !== '') {
    placeRedis(state, given, process.env.KHIDI_REDIS_PASSWORD_FILE);
    return 'given';
  }
  const { redis, ports, redisPasswordFile } = state.current;
  const known = ports.redis;
  const password = redisPassword(state.current.secretsFolder);
  if (redis !== undefined && isAlive(redis.process)) {
    if (known !== undefined && redisPasswordFile === password.file && (await answers(known))) {
      placeRedis(state, `redis://${REDIS_USER}@${LOOPBACK}:${known}`, password.file);
      return 'kept';
    }
    await stopRedis(redis.process);
  }
  const port = await freePort(known ?? PORTS.redis);
  const folder = join(state.folder, 'redis');
  state.rememberPort('redis', port);
  const guard = { user: REDIS_USER, passwordHash: password.hash };
  const { url } = await startRedis(
    { folder, port, guard, ...(machine.redisServer === undefined ? {} : { server: machine.redisServer }) },
    (process) => state.change({ redis: { process, log: redisLog(folder) } }),
  );
  placeRedis(state, url, password.file);
  return 'started';
}

function placeRedis(state: State, redisUrl: string, passwordFile: string | undefined): void {
  const { redisPasswordFile: _before, ...rest } = state.current;
  state.replace({ ...rest, redisUrl, ...(passwordFile === undefined ? {} : { redisPasswordFile: passwordFile }) });
}

/** Ends the servers that this instance started, Redis first: nothing needs it to end. Gives the names of those that ran. */
export async function stopServers(state: State): Promise<readonly string[]> {
  const { kafka, redis } = state.current;
  const ended: string[] = [];
  if (redis !== undefined) {
    if (isAlive(redis.process)) ended.push('Redis');
    await stopRedis(redis.process);
  }
  if (kafka !== undefined) {
    if (isAlive(kafka.process)) ended.push('Kafka');
    await stopKafka(kafka.process);
  }
  return ended;
}
