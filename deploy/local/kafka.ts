import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { lastLines } from './logs.js';
import { answersWithin, LOOPBACK } from './ports.js';
import { endProcess, isAlive, type ProcessIdentity, startDetached } from './processes.js';

/** Where and how one broker runs. The folder keeps its data, so the same folder and ports continue the same cluster. */
export interface KafkaPlan {
  readonly folder: string;
  /** The folder of Kafka's jars. */
  readonly jars: string;
  readonly port: number;
  /** What clients are told instead of `port`, where a proxy stands in between. */
  readonly advertisedPort?: number;
  /** For the KRaft controller, which nobody but the broker talks to. */
  readonly controllerPort: number;
  /** The java to run; from PATH where it is absent. */
  readonly java?: string;
  /** Largest heap in MiB. */
  readonly heap?: number;
  /** Who may come in and who may do everything; where it is absent, everybody may do everything. */
  readonly closed?: ClosedKafka;
  /** Its place among several brokers; a single one where it is absent. */
  readonly member?: ClusterMember;
}

/** One of several brokers, each of which is a controller too. */
export interface ClusterMember {
  /** From 1 on. */
  readonly id: number;
  /** The controller port of each, in the order of their ids. */
  readonly controllerPorts: readonly number[];
  /** The same for all: 22 characters of base64url. */
  readonly clusterId: string;
}

/** PEM files of the broker, and the principals that need no rules: the broker's own and whoever makes topics and rules. */
export interface ClosedKafka {
  readonly keystore: string;
  readonly truststore: string;
  readonly administrators: readonly string[];
}

/** A broker that accepts connections. */
export interface RunningKafka {
  readonly brokers: string;
  readonly process: ProcessIdentity;
  readonly log: string;
  /** Ends it and waits until it is gone. A broker that is asked politely closes its logs, so its next start is quick. */
  stop(): Promise<void>;
}

const START_MS = 120_000;
const STOP_MS = 15_000;

/** The file that the broker's output goes to. */
export const kafkaLog = (folder: string): string => join(folder, 'kafka.log');

/**
 * Starts Apache Kafka as a single KRaft node on loopback (or as one of several) and waits until it accepts connections. Storage is formatted the
 * first time only. `onStarted` hears of the process before it answers, so that a caller who is cut off knows it. Throws with
 * the last lines of its log when it ends or does not answer within two minutes.
 */
export async function startKafka(plan: KafkaPlan, onStarted?: (process: ProcessIdentity) => void): Promise<RunningKafka> {
  const log = kafkaLog(plan.folder);
  const properties = join(plan.folder, 'server.properties');
  mkdirSync(plan.folder, { recursive: true, mode: 0o700 });
  writeFileSync(properties, brokerProperties(plan));
  if (!existsSync(join(plan.folder, 'data', 'meta.properties'))) await format(plan, properties);
  const process = await startDetached({
    command: plan.java ?? 'java',
    args: [...jvm(plan), 'kafka.Kafka', properties],
    log,
  });
  onStarted?.(process);
  if (!(await answersWithin(plan.port, START_MS, () => isAlive(process)))) {
    await endProcess(process, 1000);
    throw new Error(`Kafka did not start. The end of ${log}:\n${lastLines(log)}`);
  }
  return { brokers: `${LOOPBACK}:${plan.port}`, process, log, stop: () => stopKafka(process) };
}

/** Ends a broker that was started here, in this process or an earlier one. */
export async function stopKafka(process: ProcessIdentity): Promise<void> {
  await endProcess(process, STOP_MS);
}

/** For a Java that lives for seconds: its better compiler never pays off there and takes the cores from everybody else. */
export const SHORT_LIVED_JAVA = '-XX:TieredStopAtLevel=1';

async function format(plan: KafkaPlan, properties: string): Promise<void> {
  const id = plan.member?.clusterId ?? newClusterId();
  const args = [
    SHORT_LIVED_JAVA,
    ...jvm({ ...plan, heap: 128 }),
    'kafka.tools.StorageTool',
    'format',
    `--cluster-id=${id}`,
    '-c',
    properties,
  ];
  const { failed, all } = await execa(plan.java ?? 'java', args, { all: true, reject: false, stdin: 'ignore' });
  if (failed) throw new Error(`Kafka's storage could not be formatted:\n${all}`);
}

/** The id of a cluster that is about to be made. */
export const newClusterId = (): string => randomBytes(16).toString('base64url');

function jvm({ jars, heap = 768 }: KafkaPlan): string[] {
  return [
    `-Xmx${heap}m`,
    '-XX:+UseG1GC',
    '-XX:MaxGCPauseMillis=20',
    '-Djava.awt.headless=true',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss,SSS',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    `${jars}/*`,
  ];
}

/**
 * The settings of one node: nothing is created unasked, a lone consumer need not wait for company, and a message may hold an envelope
 * inside a JWE (DESIGN section 10, sizes). A single node keeps one replica of everything; of three, each record stands on all, and on
 * two before it is acknowledged.
 */
export function brokerProperties({ folder, port, controllerPort, advertisedPort = port, closed, member }: KafkaPlan): string {
  const protocol = closed === undefined ? 'PLAINTEXT' : 'SSL';
  const ports = member?.controllerPorts ?? [controllerPort];
  const replicas = Math.min(3, ports.length);
  const insync = Math.max(1, replicas - 1);
  return `${[
    'process.roles=broker,controller',
    `node.id=${member?.id ?? 1}`,
    `controller.quorum.voters=${ports.map((one, i) => `${i + 1}@${LOOPBACK}:${one}`).join(',')}`,
    'controller.listener.names=CONTROLLER',
    `listeners=CLIENTS://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}`,
    `advertised.listeners=CLIENTS://${LOOPBACK}:${advertisedPort}`,
    `listener.security.protocol.map=CLIENTS:${protocol},CONTROLLER:${protocol}`,
    'inter.broker.listener.name=CLIENTS',
    `log.dirs=${join(folder, 'data')}`,
    'auto.create.topics.enable=false',
    ...(replicas === 1 ? [] : [`default.replication.factor=${replicas}`, `min.insync.replicas=${insync}`]),
    `offsets.topic.replication.factor=${replicas}`,
    'offsets.topic.num.partitions=8',
    `transaction.state.log.replication.factor=${replicas}`,
    `transaction.state.log.min.isr=${insync}`,
    'transaction.state.log.num.partitions=8',
    `share.coordinator.state.topic.replication.factor=${replicas}`,
    `share.coordinator.state.topic.min.isr=${insync}`,
    'group.initial.rebalance.delay.ms=0',
    'message.max.bytes=2097152',
    'replica.fetch.max.bytes=2097152',
    'log.message.timestamp.type=CreateTime',
    'log.cleaner.dedupe.buffer.size=33554432',
    ...(closed === undefined ? [] : closedProperties(closed)),
  ].join('\n')}\n`;
}

/** How Kafka's own command-line tools are told to ask a closed broker as the broker itself. */
export function clientProperties({ keystore, truststore }: Pick<ClosedKafka, 'keystore' | 'truststore'>): string {
  return `${['security.protocol=SSL', ...storeProperties({ keystore, truststore })].join('\n')}\n`;
}

function storeProperties({ keystore, truststore }: Pick<ClosedKafka, 'keystore' | 'truststore'>): readonly string[] {
  return [
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${keystore}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${truststore}`,
  ];
}

/**
 * Nobody comes in without a certificate of the authority, on any listener, and a certificate whose subject is more than one common name
 * is nobody's: without DEFAULT at its end, the list of rules maps nothing else. Who has no rule may do nothing.
 */
function closedProperties({ keystore, truststore, administrators }: ClosedKafka): readonly string[] {
  return [
    'ssl.client.auth=required',
    'ssl.enabled.protocols=TLSv1.3',
    ...storeProperties({ keystore, truststore }),
    'ssl.principal.mapping.rules=RULE:^CN=([A-Za-z0-9-]+)$/$1/',
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found=false',
    `super.users=${administrators.map((name) => `User:${name}`).join(';')}`,
  ];
}
