import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { newSecret } from '#http';
import { type Member, type MemberId, type Membership, memberInTopic, readMembership } from '#record';
import { readJsonFile } from '#settings';
import { kafkaClient, type PlannedTopic, planTopics, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { type RunningKafka, startKafka } from '../../deploy/local/kafka.js';
import { type RunningRedis, startRedis } from '../../deploy/local/redis.js';
import { Credentials } from './credentials.js';
import { endsWithUs } from './ends-with-us.js';
import { type ServiceCommand, ServiceProcess } from './service-process.js';

/** One adapter and the credentials of its member's only subsystem. */
export interface Agency {
  readonly member: Member;
  readonly adapter: ServiceProcess;
  readonly authorization: string;
  readonly source: string;
}

/** A whole instance of its own: broker, Redis and services as processes, in a folder and on ports that nothing else uses. */
export interface Instance {
  readonly folder: string;
  readonly brokers: string;
  /** The broker's process. */
  brokerPid(): number;
  readonly redisUrl: string;
  readonly client: StreamClient;
  readonly topics: readonly PlannedTopic[];
  readonly registry: ServiceProcess;
  readonly validation: ServiceProcess;
  readonly signing: ServiceProcess;
  readonly ledger: ServiceProcess;
  readonly agencies: readonly Agency[];
  /** What every service's Node was given; for those that are started beside it. */
  readonly nodeArgs: readonly string[];
  readonly registryAuthorization: string;
  /** Two persons who may decide on keys together. */
  readonly officers: readonly [string, string];
  /** SIGKILL for the broker, and a new start on the same data after `pauseMs`. */
  bounceKafka(pauseMs: number): Promise<void>;
  /** SIGKILL for Redis, and a new start without any data. */
  bounceRedis(pauseMs: number): Promise<void>;
  stop(): Promise<void>;
}

const MEMBERS = resolve('deploy/local/members.json');
const TOPICS = resolve('deploy/kafka/topics.json');
/** A build that was broken on purpose can be put in place of `dist`, to show that the count then fails. */
const DIST = resolve(process.env.KHIDI_FLOW_DIST ?? 'dist');

/** The Kafka of an instance: by default one broker, which {@link startInstance} starts. */
export interface InstanceKafka {
  /** With commas, where there are several. */
  readonly brokers: string;
  pid(): number;
  /** SIGKILL, and a new start on the same data after `pauseMs`. */
  bounce(pauseMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** What an instance has beside the usual. */
export interface InstanceExtras {
  readonly kafka?: (folder: string) => Promise<InstanceKafka>;
  /** Of one service, by its name. */
  readonly envOf?: (service: string, folder: string) => Readonly<Record<string, string>>;
  /** What must run before the ledger can be ready; called once the ledger was started. */
  readonly beforeReady?: (ledger: ServiceProcess, folder: string) => Promise<void>;
}

/**
 * Starts everything and waits until each part is ready. `env` goes to every service, `nodeArgs` to every service's Node; `prepare`
 * runs once the servers, topics and folders are there and no service is yet.
 */
export async function startInstance(
  env: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
  prepare: (folder: string, brokers: string) => void | Promise<void> = () => undefined,
  { kafka: startServers = ownKafka, envOf = () => ({}), beforeReady = async () => undefined }: InstanceExtras = {},
): Promise<Instance> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-flow-'));
  for (const name of ['logs', 'keys', 'secrets']) mkdirSync(join(folder, name), { mode: 0o700 });
  const membership = membershipOf();
  const server = process.env.KHIDI_REDIS_SERVER;
  const redisPlan = {
    folder: join(folder, 'redis'),
    port: await getPort(),
    keep: false,
    ...(server === undefined ? {} : { server }),
  };
  const kafka = await startServers(folder);
  let redis: RunningRedis = await startRedis(redisPlan, endsWithUs);
  const client = kafkaClient({
    brokers: kafka.brokers.split(','),
    clientId: 'flow-test',
    log: createLogger('flow-test', 'error'),
  });
  const plan = planTopics(readJsonFile(TOPICS), membership);
  const stopServers = async (): Promise<void> => {
    await client.close();
    await Promise.all([redis.stop(), kafka.stop()]);
    if (process.env.KHIDI_FLOW_KEEP !== 'yes') rmSync(folder, { recursive: true, force: true });
  };
  try {
    await client.admin.ensureTopics(plan);
    writeFileSync(join(folder, 'secrets', 'passphrase'), newSecret().secret, { mode: 0o600 });
    await prepare(folder, kafka.brokers);
  } catch (error) {
    await stopServers();
    throw error;
  }
  const common = {
    NODE_ENV: 'test',
    KAFKA_BROKERS: kafka.brokers,
    REDIS_URL: redis.url,
    KHIDI_MEMBERS: MEMBERS,
    KHIDI_TOPICS: TOPICS,
    KHIDI_KEYS: join(folder, 'keys'),
    KHIDI_PASSPHRASE_FILE: join(folder, 'secrets', 'passphrase'),
    ...env,
  };
  const service = async (name: string, app: string, more: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> => {
    const port = await getPort();
    const command: ServiceCommand = {
      name,
      entry: join(DIST, 'apps', app, 'src', 'main.js'),
      env: { ...common, KHIDI_PORT: String(port), ...more, ...envOf(name, folder) },
      port,
      log: join(folder, 'logs', `${name}.log`),
      nodeArgs,
    };
    const process = new ServiceProcess(command);
    process.start();
    return process;
  };
  const callersFile = (name: string, callers: Credentials) => callers.writeTo(join(folder, 'secrets', `${name}.json`));
  const operator = new Credentials('operator');
  const registry = await service('schema-registry', 'schema-registry', {
    KHIDI_CALLERS: callersFile('registry', operator),
  });
  const validation = await service('validation', 'validation');
  const officers = new Credentials('nino', 'giorgi');
  const signing = await service('signing', 'signing', {
    KHIDI_CALLERS: callersFile('signing', officers),
    KHIDI_KEY_PENDING_SECONDS: '0',
  });
  mkdirSync(join(folder, 'keys', 'ledger'), { recursive: true, mode: 0o700 });
  const ledger = await service('ledger', 'ledger', {
    KHIDI_KEYS: join(folder, 'keys', 'ledger'),
    KHIDI_LOG: join(folder, 'log'),
    KHIDI_STORE: join(folder, 'store-ledger'),
  });
  const agencies = await Promise.all(
    membership.members.map(async (member): Promise<Agency> => {
      const name = memberInTopic(member.id);
      const code = member.subsystems[0]?.split('/').at(-1) ?? '';
      const caller = new Credentials(code);
      mkdirSync(join(folder, 'keys', name), { recursive: true, mode: 0o700 });
      const adapter = await service(`agency-adapter-${name}`, 'agency-adapter', {
        KHIDI_MEMBER: member.id,
        KHIDI_CALLERS: callersFile(name, caller),
        KHIDI_STORE: join(folder, `store-${name}`),
        KHIDI_MAPPINGS: resolve('examples/registries/mappings'),
        KHIDI_KEYS: join(folder, 'keys', name),
      });
      return { member, adapter, authorization: caller.of(code), source: `/${member.id}/${code}` };
    }),
  );
  const services = [registry, validation, signing, ledger, ...agencies.map((agency) => agency.adapter)];
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((one) => one.stop()));
    await stopServers();
  };
  try {
    await beforeReady(ledger, folder);
    await Promise.all(services.map((one) => one.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder,
    brokers: kafka.brokers,
    brokerPid: () => kafka.pid(),
    redisUrl: redis.url,
    client,
    topics: plan.topics,
    registry,
    validation,
    signing,
    ledger,
    agencies,
    nodeArgs,
    registryAuthorization: operator.of('operator'),
    officers: [officers.of('nino'), officers.of('giorgi')],
    bounceKafka: (pauseMs) => kafka.bounce(pauseMs),
    bounceRedis: async (pauseMs) => {
      process.kill(redis.process.pid, 'SIGKILL');
      await new Promise((done) => setTimeout(done, pauseMs));
      redis = await startRedis(redisPlan, endsWithUs);
    },
    stop,
  };
}

/** Where Kafka's jars and its java are: `npm test` says so. */
export function kafkaPrograms(): { readonly jars: string; readonly java?: string } {
  const { KHIDI_KAFKA_JARS: jars = '.khidi/kafka/libs', KHIDI_JAVA: java } = process.env;
  return { jars: resolve(jars), ...(java === undefined ? {} : { java }) };
}

async function ownKafka(folder: string): Promise<InstanceKafka> {
  const plan = { ...kafkaPrograms(), folder: join(folder, 'kafka'), port: await getPort(), controllerPort: await getPort() };
  let running: RunningKafka = await startKafka(plan, endsWithUs);
  return {
    brokers: running.brokers,
    pid: () => running.process.pid,
    bounce: async (pauseMs) => {
      process.kill(running.process.pid, 'SIGKILL');
      await new Promise((done) => setTimeout(done, pauseMs));
      running = await startKafka(plan, endsWithUs);
    },
    stop: () => running.stop(),
  };
}

/** The agency of a member. */
export function agencyOf(instance: Instance, member: MemberId): Agency {
  const agency = instance.agencies.find((one) => one.member.id === member);
  if (agency === undefined) throw new Error(`no agency ${member}`);
  return agency;
}

/** The members of the instance under test. */
export function membershipOf(): Membership {
  const read = readMembership(readJsonFile(MEMBERS));
  if ('mistakes' in read) throw new Error(read.mistakes.join('; '));
  return read.membership;
}
