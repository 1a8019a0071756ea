import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { newSecret } from '#http';
import { readMembership } from '#record';
import { kafkaClient, planTopics, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker, type TestBroker } from '../broker.js';
import { mounted } from '../instance/disk.js';
import { ServiceProcess } from '../instance/service-process.js';

export const OPERATOR = 'GE/GOV/0001';
export const TYPE = 'population.person';
export const OUTCOMES = 'outcomes.GE-GOV-7001';
const MEMBER = { id: 'GE/GOV/7001', name: 'A', subsystems: ['base-registry'], publishes: [TYPE] };
const MEMBERS = { operator: OPERATOR, members: [MEMBER] };
/** So short that the test can wait for it. */
export const WINDOW_SECONDS = 4;

/** A broker, the ledger and its three witnesses as processes; the test itself plays signing and validation. */
export interface LedgerInstance {
  readonly folder: string;
  readonly logFolder: string;
  /** Whether the log lies on a small file system of its own, which can be filled. */
  readonly small: boolean;
  readonly broker: TestBroker;
  readonly client: StreamClient;
  readonly ledger: ServiceProcess;
  readonly witnesses: readonly ServiceProcess[];
  readonly vkey: string;
  stop(): Promise<void>;
}

export async function startLedgerInstance(): Promise<LedgerInstance> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-disturbance-'));
  const logFolder = join(folder, 'log');
  mkdirSync(logFolder);
  const small = mounted(logFolder);
  writeFileSync(join(folder, 'members.json'), JSON.stringify(MEMBERS));
  writeFileSync(join(folder, 'passphrase'), newSecret().secret, { mode: 0o600 });
  const broker = await startBroker();
  const client = kafkaClient({ brokers: [broker.address], clientId: 'disturbance', log: createLogger('disturbance', 'error') });
  const read = readMembership(MEMBERS);
  if ('mistakes' in read) throw new Error(read.mistakes.join());
  await client.admin.ensureTopics(planTopics(JSON.parse(readFileSync('deploy/kafka/topics.json', 'utf8')), read.membership));

  const common = { NODE_ENV: 'test', KHIDI_PASSPHRASE_FILE: join(folder, 'passphrase'), KHIDI_LOG_LEVEL: 'info' };
  const drafts = await Promise.all(['w1', 'w2', 'w3'].map((name) => witnessDraft(folder, name, common)));
  writeFileSync(join(folder, 'policy'), [...drafts.map(({ line }) => line), 'group all 2 w1 w2 w3', 'quorum all', ''].join('\n'));
  const port = await getPort();
  const ledger = new ServiceProcess({
    name: 'ledger',
    entry: resolve('dist/apps/ledger/src/main.js'),
    port,
    log: join(folder, 'ledger.log'),
    env: {
      ...common,
      KAFKA_BROKERS: broker.address,
      KHIDI_PORT: String(port),
      KHIDI_MEMBERS: join(folder, 'members.json'),
      KHIDI_TOPICS: resolve('deploy/kafka/topics.json'),
      KHIDI_KEYS: privateFolder(join(folder, 'keys')),
      KHIDI_LOG: logFolder,
      KHIDI_STORE: join(folder, 'store'),
      KHIDI_WITNESS_POLICY: join(folder, 'policy'),
      KHIDI_WITNESS_WINDOW: String(WINDOW_SECONDS),
      KHIDI_LEDGER_RECORDS: '150', // many integrations, so that there is much to interrupt
    },
  });
  ledger.start();
  const vkey = await vkeyOf(ledger);
  const witnesses = drafts.map(({ start }) => start(vkey));
  const instance: LedgerInstance = {
    folder,
    logFolder,
    small,
    broker,
    client,
    ledger,
    witnesses,
    vkey,
    async stop() {
      await Promise.all([ledger, ...witnesses].map((service) => service.stop()));
      await client.close();
      await broker.stop();
      if (small) execFileSync('umount', [logFolder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all([ledger, ...witnesses].map((service) => service.ready()));
  } catch (error) {
    await instance.stop();
    throw error;
  }
  return instance;
}

/** The log's files as they are now; {@link putBack} makes them those of the log again. */
export function copyLog({ logFolder, folder }: LedgerInstance): string {
  const copy = join(folder, 'yesterday');
  cpSync(logFolder, copy, { recursive: true });
  return copy;
}

/** The verifier key of the log, once the ledger answers. */
export async function vkeyOf(ledger: ServiceProcess): Promise<string> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const answer = await fetch(`${ledger.url}/v1/log`).catch(() => undefined);
    if (answer?.ok === true) return ((await answer.json()) as { vkey: string }).vkey;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the ledger did not start; see ${ledger.command.log}`);
}

/** A witness that can be started once the key of its log is known, and the line that names it in the policy. */
export async function witnessDraft(folder: string, name: string, env: Readonly<Record<string, string>>) {
  const place = privateFolder(join(folder, name));
  const port = await getPort();
  const entry = resolve('dist/apps/cli/src/main.js');
  const named = ['--name', `witness.test/${name}`, '--folder', place];
  const key = execFileSync(process.execPath, [entry, 'witness', 'key', ...named], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const start = (log: string): ServiceProcess => {
    const args = ['witness', 'serve', ...named, '--log', log, '--port', String(port)];
    const service = new ServiceProcess({ name, entry, args, port, env, log: join(folder, `${name}.log`) });
    service.start();
    return service;
  };
  return { line: `witness ${name} ${key.trim()} http://127.0.0.1:${port}`, start };
}

function privateFolder(place: string): string {
  mkdirSync(place, { mode: 0o700 });
  return place;
}
