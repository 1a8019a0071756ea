import { join } from 'node:path';
import { kafkaLog, startKafka, stopKafka } from './kafka.js';
import { answers, freePort, LOOPBACK } from './ports.js';
import type { Machine } from './prepare.js';
import { isAlive } from './processes.js';
import { redisLog, startRedis, stopRedis } from './redis.js';
import type { State } from './state.js';

/** How a server came to run: it is somebody else's, was running already, or was started now. */
export type Found = 'given' | 'kept' | 'started';

const PORTS = { kafka: 19092, 'kafka-controller': 19192, redis: 16379 } as const;

/** Sees to it that a Kafka runs: the one in KAFKA_BROKERS, the one that an earlier run started, or a new one. */
export async function ensureKafka(state: State, machine: Machine, given = process.env.KAFKA_BROKERS): Promise<Found> {
  if (given !== undefined && given !== '') {
    state.change({ brokers: given.split(',').map((broker) => broker.trim()) });
    return 'given';
  }
  const { kafka, ports } = state.current;
  const known = ports.kafka;
  if (kafka !== undefined && isAlive(kafka.process)) {
    if (known !== undefined && (await answers(known))) {
      state.change({ brokers: [`${LOOPBACK}:${known}`] });
      return 'kept';
    }
    await stopKafka(kafka.process); // started by a run that was cut off, or hung
  }
  const port = await freePort(known ?? PORTS.kafka);
  const controllerPort = await freePort(ports['kafka-controller'] ?? PORTS['kafka-controller']);
  const folder = join(state.folder, 'kafka');
  state.rememberPort('kafka', port);
  state.rememberPort('kafka-controller', controllerPort);
  const running = await startKafka(
    {
      folder,
      port,
      controllerPort,
      jars: machine.kafkaJars ?? join(folder, 'libs'),
      ...(machine.java === undefined ? {} : { java: machine.java }),
    },
    (process) => state.change({ kafka: { process, log: kafkaLog(folder) } }),
  );
  state.change({ brokers: [running.brokers] });
  return 'started';
}

/** Sees to it that a Redis runs: the one in REDIS_URL, the one that an earlier run started, or a new one. */
export async function ensureRedis(state: State, machine: Machine, given = process.env.REDIS_URL): Promise<Found> {
  if (given !== undefined && given !== '') {
    state.change({ redisUrl: given });
    return 'given';
  }
  const { redis, ports } = state.current;
  const known = ports.redis;
  if (redis !== undefined && isAlive(redis.process)) {
    if (known !== undefined && (await answers(known))) {
      state.change({ redisUrl: `redis://${LOOPBACK}:${known}` });
      return 'kept';
    }
    await stopRedis(redis.process);
  }
  const port = await freePort(known ?? PORTS.redis);
  const folder = join(state.folder, 'redis');
  state.rememberPort('redis', port);
  const { url } = await startRedis(
    { folder, port, ...(machine.redisServer === undefined ? {} : { server: machine.redisServer }) },
    (process) => state.change({ redis: { process, log: redisLog(folder) } }),
  );
  state.change({ redisUrl: url });
  return 'started';
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
