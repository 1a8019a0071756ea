import { java } from './java.js';
import { kafkaJars, maven, resolveKafkaJars } from './maven.js';
import { ensureTools } from './packages.js';
import { redis } from './redis.js';

/** What the machine offers once it is prepared. */
export interface Machine {
  readonly java: string;
  readonly kafkaJars: string;
  readonly redisServer: string;
}

/**
 * Finds or installs Java, Maven (only while Kafka's jars are not there) and Redis, and fetches Kafka.
 * Throws `Missing` with one sentence about what could not be got.
 */
export async function prepareMachine(tell: (line: string) => void): Promise<Machine> {
  const present = kafkaJars();
  const tools = present === undefined ? [java, redis, maven] : [java, redis];
  const [javaFile = '', redisServer = '', mvn = ''] = await ensureTools(tools, tell);
  return { java: javaFile, redisServer, kafkaJars: present ?? (await resolveKafkaJars(mvn, javaFile, tell)) };
}
