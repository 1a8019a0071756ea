import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { type MemberId, memberId, type RecordType, recordType, type SubsystemId } from '#record';
import { type KafkaCluster, startCluster } from '../../deploy/local/cluster.js';
import { vkeyOf, witnessDraft } from '../disturbance/ledger-instance.js';
import { directoryOf, type TestDirectory } from '../flow/exchange.js';
import { besideInstance, prepareDelivery } from '../instance/delivery.js';
import { mounted } from '../instance/disk.js';
import { type Instance, kafkaPrograms, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { findPostgres, startPostgres, type TestPostgres } from '../postgres.js';
import { LeafReader } from './leaves.js';
import { Observer } from './observer.js';
import { type Stage, type StageName, stageOf } from './stages.js';
import { makeToken, tokenEnvironment } from './token.js';
import { ToxicProxy } from './toxic-proxy.js';

export const TYPE: RecordType = recordType('address.locality') as RecordType;
export const BY_TOPIC = 'GE/GOV/7201/maps' as SubsystemId;
export const BY_WEBHOOK = 'GE/GOV/7202/maps' as SubsystemId;
/** So short that a scenario can wait for it. */
export const WINDOW_SECONDS = 6;
const DAY = 86_400;
const PROVIDERS = ['GE/GOV/7001', 'GE/GOV/7002', 'GE/GOV/7003'].map((id) => memberId(id) as MemberId);

/** How the webhook answers; scenarios change it for a while. */
export interface Webhook {
  answer: (id: string, number: number) => number | Promise<number>;
}

/** The whole way of a record as processes of its own, and everybody at its ends. */
export interface Road {
  readonly instance: Instance;
  readonly brokers: KafkaCluster;
  readonly delivery: ServiceProcess;
  readonly observer: Observer;
  readonly leaves: LeafReader;
  readonly webhook: Webhook;
  /** One by topic, and mostly one by webhook. */
  readonly consumers: 1 | 2;
  readonly proxies: readonly ToxicProxy[];
  readonly witnesses: readonly ServiceProcess[];
  readonly database: TestPostgres | undefined;
  readonly directory: TestDirectory;
  /** Folders that are small file systems. */
  readonly small: { readonly log?: string; readonly broker?: string };
  stop(): Promise<void>;
}

/** Starts the road of a stage and waits until a record can go all of it. */
export async function startRoad(name: StageName): Promise<Road> {
  const stage = stageOf(name);
  const parts = new Parts();
  const webhook: Webhook = { answer: answerByChance };
  const observer = new Observer({
    type: TYPE,
    byTopic: BY_TOPIC,
    answer: ({ event }, number) => webhook.answer(event.id, number),
  });
  try {
    const instance = await startInstance(logLevel(), [], (folder) => parts.prepare(folder, stage.evidence === true), {
      kafka: (folder) => parts.startBrokers(folder, stage),
      envOf: (service, folder) => ({
        ...(stage.token === true && service === 'signing' ? tokenEnvironment(folder) : {}),
        ...(stage.evidence === true && service === 'ledger' ? parts.ledgerEnvironment(folder, stage.windowSeconds) : {}),
      }),
      beforeReady: (ledger) => parts.startWitnesses(ledger),
    });
    parts.instance = instance;
    await registerSchema(instance, 'schemas/address/locality/1.0.json', TYPE);
    const consumers = stage.byTopicOnly === true ? 1 : 2;
    const directory = await agreedOn(consumers === 1 ? undefined : await observer.listen(), stage.receipts);
    const delivery = await prepareDelivery(besideInstance(instance), {
      directory,
      webhooks: [BY_WEBHOOK],
      env: deliveryEnvironment(),
    });
    parts.delivery = delivery;
    delivery.start();
    await delivery.ready();
    await observer.refreshKeys(instance);
    await observer.follow(instance);
    const { cluster: brokers, proxies, witnesses, database, small } = parts;
    if (brokers === undefined) throw new Error('no broker was started');
    const leaves = new LeafReader(instance.ledger.url, await vkeyOf(instance.ledger));
    return {
      ...{ instance, brokers, delivery, directory, observer, leaves, webhook, consumers, proxies, witnesses, database, small },
      async stop() {
        await observer.stop();
        await parts.stop();
      },
    };
  } catch (error) {
    await observer.stop();
    await parts.stop();
    throw error;
  }
}

/** What stands around an instance, some of it before and some after it starts. */
class Parts {
  cluster: KafkaCluster | undefined;
  instance: Instance | undefined;
  delivery: ServiceProcess | undefined;
  readonly proxies: ToxicProxy[] = [];
  readonly witnesses: ServiceProcess[] = [];
  database: TestPostgres | undefined;
  small: { log?: string; broker?: string } = {};
  #starts: ((vkey: string) => ServiceProcess)[] = [];

  async startBrokers(folder: string, { brokers, proxied, smallBroker, token }: Stage) {
    const place = join(folder, 'kafka');
    mkdirSync(place, { recursive: true });
    if (smallBroker === true && mounted(place)) this.small.broker = place;
    if (token === true) makeToken(folder);
    const advertise = async (_: number, behind: number): Promise<number> => {
      const port = await getPort();
      this.proxies.push(await ToxicProxy.start(port, behind));
      return port;
    };
    const cluster = await startCluster({
      ...kafkaPrograms(),
      ...{ brokers, folder: place, heap: brokers === 1 ? 768 : 512 },
      ...(proxied === true ? { advertise } : {}),
    });
    this.cluster = cluster;
    return {
      brokers: cluster.addresses.join(','),
      pid: () => cluster.pid(0),
      async bounce(pauseMs: number) {
        cluster.kill(0);
        await new Promise((done) => setTimeout(done, pauseMs));
        await cluster.start(0);
      },
      stop: () => this.stopServers(),
    };
  }

  async prepare(folder: string, evidence: boolean): Promise<void> {
    if (!evidence) return;
    const log = join(folder, 'log');
    mkdirSync(log);
    if (mounted(log)) this.small.log = log;
    const programs = findPostgres('the index of the log');
    if (programs !== undefined) this.database = await startPostgres(programs);
    const env = { NODE_ENV: 'test', KHIDI_PASSPHRASE_FILE: join(folder, 'secrets', 'passphrase') };
    const drafts = await Promise.all(['w1', 'w2', 'w3'].map((one) => witnessDraft(folder, one, env)));
    const policy = [...drafts.map(({ line }) => line), 'group all 2 w1 w2 w3', 'quorum all', ''];
    writeFileSync(join(folder, 'policy'), policy.join('\n'));
    this.#starts = drafts.map(({ start }) => start);
  }

  ledgerEnvironment(folder: string, window = WINDOW_SECONDS): Record<string, string> {
    return {
      KHIDI_WITNESS_POLICY: join(folder, 'policy'),
      KHIDI_WITNESS_WINDOW: String(window),
      ...(this.database === undefined ? {} : { KHIDI_LEDGER_INDEX: 'yes', DATABASE_URL: this.database.url }),
    };
  }

  async startWitnesses(ledger: ServiceProcess): Promise<void> {
    if (this.#starts.length === 0) return;
    const vkey = await vkeyOf(ledger);
    this.witnesses.push(...this.#starts.map((start) => start(vkey)));
  }

  async stop(): Promise<void> {
    await this.delivery?.stop();
    await Promise.all(this.witnesses.map((witness) => witness.stop()));
    await (this.instance?.stop() ?? this.stopServers());
  }

  /** Once no service stands before them. */
  private async stopServers(): Promise<void> {
    await this.cluster?.stop();
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
    for (const place of [this.small.log, this.small.broker]) if (place !== undefined) execFileSync('umount', ['-l', place]); // a file of a process that has just ended may still be open
    this.small = {};
    this.database?.remove();
    this.database = undefined;
  }
}

/** Most records are taken at once; one of nine asks for another try, and a few are never taken. */
const failing = new Set<string>();
export function answerByChance(id: string, number: number): number {
  if (/-[0-9]*7-[0-9]*5$/.test(id)) return 422;
  if (number % 9 === 0 && failing.size < failing.add(id).size) return 503;
  return 204;
}

/** The configuration in which the consumers get every agency's places: the one with a webhook where there is an address. */
function agreedOn(url: string | undefined, receipts: string | undefined): Promise<TestDirectory> {
  const owed = receipts === undefined ? {} : { receipts };
  return directoryOf(
    [
      { consumer: BY_TOPIC, fields: 'record' },
      ...(url === undefined ? [] : [{ consumer: BY_WEBHOOK, fields: 'record', webhook: url, ...owed } as const]),
    ],
    { type: TYPE, providers: PROVIDERS, seconds: DAY, quota: { records: 1_000_000_000, per: 'hour' } },
  );
}

function deliveryEnvironment(): Record<string, string> {
  return {
    ...logLevel(),
    KHIDI_WEBHOOK_PRIVATE: 'yes',
    KHIDI_WEBHOOK_SECONDS: '2',
    KHIDI_WEBHOOK_ATTEMPTS: '6',
    KHIDI_WEBHOOK_PAUSE_MS: '50',
    KHIDI_WEBHOOK_LONGEST_SECONDS: '2',
  };
}

/** More is logged where somebody asks for it. */
function logLevel(): Record<string, string> {
  const { KHIDI_LOG_LEVEL: level } = process.env;
  return level === undefined ? {} : { KHIDI_LOG_LEVEL: level };
}
