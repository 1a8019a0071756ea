import { java } from './java.js';
import { kafkaJars, maven, resolveKafkaJars } from './maven.js';
import { ensureTools } from './packages.js';
import { redis } from './redis.js';

/** What is to be started on this machine, rather than used where it runs already. */
export interface Wanted {
  readonly kafka: boolean;
  readonly redis: boolean;
}

/** What the machine offers once it is prepared; what was not wanted is absent. */
export interface Machine {
  readonly java?: string;
  readonly kafkaJars?: string;
  readonly redisServer?: string;
}

/**
 * Finds or installs Java, Maven (only while Kafka's jars are not there) and Redis, and fetches Kafka.
 * Throws `Missing` with one sentence about what could not be got.
 */
export async function prepareMachine(wanted: Wanted, tell: (line: string) => void): Promise<Machine> {
  const present = kafkaJars();
  const forKafka = wanted.kafka ? [java, ...(present === undefined ? [maven] : [])] : [];
  const found = await ensureTools([...forKafka, ...(wanted.redis ? [redis] : [])], tell);
  const redisServer = found.get(redis);
  const javaFile = found.get(java);
  return {
    ...(redisServer === undefined ? {} : { redisServer }),
    ...(javaFile === undefined
      ? {}
      : { java: javaFile, kafkaJars: present ?? (await resolveKafkaJars(found.get(maven) ?? 'mvn', javaFile, tell)) }),
  };
}

/** How tests and benchmarks, which start servers of their own, are told where the programs are. */
export function environmentOf({ java: javaFile = '', kafkaJars: jars = '', redisServer = '' }: Machine): Record<string, string> {
  return { KHIDI_JAVA: javaFile, KHIDI_KAFKA_JARS: jars, KHIDI_REDIS_SERVER: redisServer };
}
