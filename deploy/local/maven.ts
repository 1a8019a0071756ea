import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Missing } from './missing.js';
import { onPath, type Tool } from './packages.js';
import { KHIDI_FOLDER, ROOT } from './root.js';

/** Maven, which resolves Kafka from Maven Central or the mirror that the machine is set up for. */
export const maven: Tool = {
  name: 'Maven',
  debian: ['maven'],
  advice: { debian: 'maven', elsewhere: 'https://maven.apache.org/install.html' },
  find: () => Promise.resolve(onPath('mvn')),
};

const POM = join(ROOT, 'deploy', 'local', 'kafka', 'pom.xml');

/** The folder of Kafka's jars when they are all there. KHIDI_KAFKA_JARS names one that is kept elsewhere. */
export function kafkaJars(): string | undefined {
  const given = process.env.KHIDI_KAFKA_JARS;
  if (given !== undefined && given !== '') return given;
  return read(marker()) === fingerprint(jarNames()) ? libs() : undefined;
}

/**
 * Copies Kafka's jars into `.khidi/kafka/libs`, or does nothing when they are there. The mark is written last and names
 * every jar, so that an interrupted download or a deleted jar is noticed.
 */
export async function resolveKafkaJars(mvn: string, javaFile: string, tell: (line: string) => void): Promise<string> {
  const present = kafkaJars();
  if (present !== undefined) return present;
  mkdirSync(libs(), { recursive: true });
  const env = { JAVACMD: javaFile }; // the one that is new enough, which need not be the one on PATH
  const run = execa(mvn, ['-B', '-f', POM, `-Dlibs=${libs()}`], { env, all: true, reject: false, stdin: 'ignore' });
  run.all.on('data', (text: Buffer) => {
    const file = /(?:Downloading|Copying) .*?([\w.-]+\.jar)/.exec(text.toString('utf8'))?.[1];
    if (file !== undefined) tell(file);
  });
  const { failed, all } = await run;
  if (failed) {
    const errors = all.split('\n').filter((line) => line.includes('ERROR'));
    throw new Missing(`Maven could not fetch Kafka (is the network or its mirror reachable?):\n${errors.slice(0, 4).join('\n')}`);
  }
  writeFileSync(marker(), fingerprint(jarNames()));
  return libs();
}

const libs = () => join(KHIDI_FOLDER, 'kafka', 'libs');
const marker = () => join(KHIDI_FOLDER, 'kafka', 'complete');

function jarNames(): string[] {
  try {
    return readdirSync(libs()).filter((name) => name.endsWith('.jar'));
  } catch {
    return []; // not resolved yet
  }
}

function fingerprint(names: readonly string[]): string {
  return createHash('sha256')
    .update(readFileSync(POM))
    .update([...names].sort().join('\n'))
    .digest('hex');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // not resolved yet
  }
}
