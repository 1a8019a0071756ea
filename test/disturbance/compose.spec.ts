import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { newClusterId } from '../../deploy/local/kafka.js';
import { ComposeByHand, type ForeignImage } from './compose/by-hand.js';
import { type ComposeService, readCompose } from './compose/compose.js';
import { buildImage, type Image } from './compose/image.js';
import { settingsOf, startScript } from './compose/kafka-image.js';

jest.setTimeout(600_000);

/*
 * The file of compose, started without Docker: the image is built from its Dockerfile, and each service runs as its own user in network
 * and mount namespaces of its own, without capabilities, on a root that cannot be written. Needs Linux and root.
 */
const FILE = resolve('deploy/compose/compose.yaml');
const isPossible = process.platform === 'linux' && userInfo().uid === 0;
if (!isPossible) console.log('skipped: compose is started by hand on Linux and as root only');

const folder = mkdtempSync(join(tmpdir(), 'khidi-compose-'));
const services = readCompose(FILE);
const told: string[] = [];
let image: Image;

/** The image apache/kafka: the same version's jars, and the script that its health check calls. */
async function kafkaImage(): Promise<ForeignImage> {
  const kafka = join(folder, 'kafka');
  const libs = join(kafka, 'libs');
  mkdirSync(join(kafka, 'bin'), { recursive: true });
  mkdirSync(libs);
  const jars = process.env.KHIDI_KAFKA_JARS ?? resolve('.khidi/kafka/libs');
  for (const jar of readdirSync(jars)) copyFileSync(join(jars, jar), join(libs, jar));
  const [, version = ''] = services.kafka?.image.split(':') ?? [];
  const artifact = `-Dartifact=org.apache.kafka:kafka-tools:${version}`;
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
  await execa('mvn', ['-q', '-B', copy, artifact, `-DoutputDirectory=${libs}`]);
  const java = process.env.KHIDI_JAVA ?? 'java';
  const tool = `#!/bin/sh\nexec ${java} -cp '/opt/kafka/libs/*' org.apache.kafka.tools.BrokerApiVersionsCommand "$@"\n`;
  writeFileSync(join(kafka, 'bin', 'kafka-broker-api-versions.sh'), tool, { mode: 0o755 });
  const { environment = {} } = services.kafka as ComposeService;
  writeFileSync(join(kafka, 'server.properties'), settingsOf(environment));
  const script = startScript(java, '/opt/kafka/server.properties', environment.KAFKA_HEAP_OPTS ?? '', newClusterId());
  return {
    user: 1000,
    mounts: [{ inside: '/opt/kafka', outside: kafka, isReadOnly: true }],
    command: () => ['sh', '-c', script],
  };
}

/** The image redis: its entry point gives up root for the user 999. */
const redisImage: ForeignImage = { user: 999, mounts: [], command: ({ command = [] }) => ['env', '-C', '/data', ...command] };

(isPossible ? describe : describe.skip)('when the file of compose is brought up by hand', () => {
  let compose: ComposeByHand | undefined;

  beforeAll(async () => {
    image = await buildImage(resolve('deploy/docker/Dockerfile'), join(folder, 'stages'));
    const foreign = { 'apache/kafka': await kafkaImage(), redis: redisImage };
    compose = await ComposeByHand.up({ folder, services, image, foreign, tell: (line) => told.push(line) });
  });

  afterAll(async () => {
    await compose?.down();
    console.log(told.join('\n'));
    rmSync(folder, { recursive: true, force: true });
  });

  it('every service becomes healthy, and what is to end has ended with 0', () => {
    const wanted = Object.entries(services).map(
      ([name, { healthcheck }]) => `${name} is ${healthcheck === undefined ? 'done' : 'healthy'}`,
    );
    expect(wanted.filter((line) => !told.includes(line))).toEqual([]);
  });

  it('a heartbeat travels the whole road and comes back with its proof', async () => {
    const seen = 'khidi_heartbeat_timestamp_seconds{[^}]*stage="logged"[^}]*} [1-9]';
    const metrics = `fetch('http://127.0.0.1:8080/metrics').then((r) => r.text()).then((t) => process.exit(/${seen}/.test(t) ? 0 : 1))`;
    let code = 1;
    for (let i = 0; i < 60 && code !== 0; i += 1) {
      code = (await compose?.run('heartbeat', ['node', '-e', metrics])) ?? 1;
      if (code !== 0) await pause(1000);
    }
    expect(code).toBe(0);
  });

  it('nothing runs as root or can become it, writes beside its volumes, or has a production secret in its log', async () => {
    const probe = (script: string) => compose?.run('signing', ['sh', '-c', script]);
    expect(await probe('test "$(id -u)" = 1000')).toBe(0);
    expect(await probe('touch /khidi/x /etc/x 2>/dev/null')).not.toBe(0);
    expect(await probe('touch /tmp/x /var/lib/khidi/x && rm /var/lib/khidi/x')).toBe(0);
    expect(await probe('grep -q "^CapBnd:[[:space:]]*0*$" /proc/self/status')).toBe(0);
    const secrets = ['passphrase', 'redis.password'].map((name) =>
      readFileSync(join(folder, 'volumes', 'state', 'secrets', name), 'utf8').trim(),
    );
    const logs = Object.keys(services).map((name) => readFileSync(compose?.logOf(name) ?? '', 'utf8'));
    expect(secrets.filter((secret) => secret.length < 16 || logs.some((log) => log.includes(secret)))).toEqual([]);
  });

  it('all end by themselves when they are asked to', async () => {
    const ends = (await compose?.down()) ?? [];
    compose = undefined;
    // A Java that is asked to end says 143.
    expect(ends.filter(([name, code]) => !(name === 'kafka' && code === 143))).toEqual([]);
  });
});
