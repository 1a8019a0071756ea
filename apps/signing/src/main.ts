import { openCustody } from '#custody';
import { FAULTS, type FaultReport } from '#faults';
import { readCallersFile, runService, startOrExplain } from '#http';
import { passphraseOr, readJsonFile, readMembers, readSettings, recordTypesOf } from '#settings';
import {
  assertEpoch,
  awaitKafka,
  kafkaAt,
  kafkaClient,
  openDeadLetterSeal,
  partOf,
  planTopics,
  RecordStream,
  topicsOf,
} from '#stream';
import { createLogger, createMetrics, createTracer } from '#telemetry';
import { openKeyOffice } from './keys/key-office.js';
import { storeProbe } from './keys/probe-store.js';
import { openSalt } from './keys/salt.js';
import { sealingMetrics } from './observe.js';
import { recordSealing } from './seal-records.js';
import { signingSettings } from './settings.js';
import { signingModule } from './signing.module.js';
import { sampledSelfCheck } from './steps/self-check.js';
import { tellBuried } from './tell-buried.js';

const SERVICE = 'signing';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);
/** What the stream reads and writes. */
const ROLES = ['validated', 'sealed', 'outcomes', 'dead-letter'] as const;
const now = () => new Date();

async function start(): Promise<void> {
  const settings = readSettings(signingSettings);
  const membership = readMembers(settings.membersFile);
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const custody = openCustody(settings, passphrase);
  const salt = openSalt(settings.keysFolder, passphrase);
  if (salt.made !== undefined) log.warn('key made: keep a copy of its file', { file: salt.made });
  const callers = readCallersFile(settings.callersFile);

  const metrics = createMetrics(SERVICE);
  const client = kafkaClient({ ...kafkaAt(settings), clientId: SERVICE, log });
  await awaitKafka(client, log);
  const topics = planTopics(readJsonFile(settings.topicsFile), membership);
  const needed = topics.topics.filter(({ role }) => ['keys', 'audit', 'epochs'].includes(role));
  await client.admin.checkTopics({ ...topics, topics: needed });
  const { changed } = await assertEpoch(client, 'sealing-salt', salt.fingerprint, settings.newEpoch);
  if (changed) log.warn('a new epoch began', { purpose: 'sealing-salt', fingerprint: salt.fingerprint });
  const [topic = 'keys'] = topicsOf(topics, 'keys');
  const { pendingSeconds, overlapSeconds, newEpoch } = settings;
  const life = { topic, pendingSeconds, overlapSeconds, newEpoch };
  const office = { client, custody, iss: membership.operator, salt: salt.salter, now, log, ...life };
  const { register, ring } = await openKeyOffice(office);
  const created = () => {
    const key = register.active('sealing');
    return key === undefined ? undefined : new Date(key.created);
  };
  const sealing = recordSealing({
    // Asked for once a chunk, so that a chunk is sealed by one key and the next one by the key that took over.
    get sealer() {
      return ring.sealer();
    },
    selfCheck: sampledSelfCheck(() => ring.published(), settings.selfCheckEvery),
    disclosable: new Set(recordTypesOf('KHIDI_DISCLOSABLE', settings.disclosable)),
    now,
    observe: sealingMetrics(metrics, created, now),
    onBroken: endBroken,
  });
  const storeAnswers = storeProbe(custody, () => register.active('sealing')?.kid, Date.now);
  const plan = () => partOf(planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile)), SERVICE, ROLES);
  const stream = new RecordStream({
    service: SERVICE,
    client,
    plan,
    log,
    metrics,
    tracer: createTracer(SERVICE, settings.traces, metrics),
    chunk: { records: settings.chunkRecords },
    sessionSeconds: settings.sessionSeconds,
    seal: openDeadLetterSeal(settings.deadLetterKey, log),
    bury: tellBuried(now),
  });
  await runService({
    service: SERVICE,
    module: signingModule({ sealing, keySets: ring, desk: { register, custody, now }, officers: { callers, metrics } }),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readCallersFile(settings.operatorsFile),
    checks: { kafka: () => stream.ready(), keys: async () => sealing.trusted() && (await storeAnswers()) },
    stream,
  });
}

/** Nothing of what failed was written. The process ends at once: whoever restarts it gets the start-up proof first. */
function endBroken({ code, pointer }: FaultReport): void {
  log.error('sealing stopped', { code: 'SEAL_SELF_CHECK', found: code, pointer, next: FAULTS.SEAL_SELF_CHECK.next });
  setTimeout(() => process.exit(1), 200); // a moment for the log line
}

await startOrExplain(log, start);
