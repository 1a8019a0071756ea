import { followDirectory } from '#configuration';
import { followCallers, readCallersFile, runService, startOrExplain } from '#http';
import { readStoredSchema, SchemaCache } from '#schema';
import { SeenMarks } from '#seen';
import { passphraseOr, readJsonFile, readSettings } from '#settings';
import {
  assertEpoch,
  awaitKafka,
  kafkaAt,
  kafkaClient,
  openDeadLetterSeal,
  partOf,
  planTopics,
  RecordStream,
  type Table,
} from '#stream';
import { createLogger, createMetrics, createTracer, type Metrics } from '#telemetry';
import { followBuriedLater } from './buried-later.js';
import { RecordJudge } from './judge-records.js';
import { openPseudonymKeys } from './keys/pseudonym-keys.js';
import { followMembers } from './members-file.js';
import { OriginSeals } from './origin-seals.js';
import { RegisteredSchemas } from './schemas/registered-schemas.js';
import { validationSettings } from './settings.js';
import { IngressTopics } from './steps/ingress-topics.js';
import { standingBy, withoutDirectory } from './steps/member-standing.js';
import { validationModule } from './validation.module.js';

const SERVICE = 'validation';
const DAY_SECONDS = 24 * 3600;
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);
/** What the stream reads and writes. */
const ROLES = ['ingress', 'validated', 'outcomes', 'dead-letter'] as const;
const now = () => new Date();

async function start(): Promise<void> {
  const settings = readSettings(validationSettings);
  const members = followMembers(settings.membersFile, log);
  await members.look();
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const { keys, created } = openPseudonymKeys(settings.keysFolder, passphrase);
  if (created) log.warn('key made: keep a copy of its file', { purpose: 'pseudonym' });

  const metrics = createMetrics(SERVICE);
  const client = kafkaClient({ ...kafkaAt(settings), clientId: SERVICE, log });
  await awaitKafka(client, log);
  const { changed } = await assertEpoch(client, 'pseudonym', keys.fingerprint, settings.newEpoch);
  if (changed) log.warn('a new epoch began', { purpose: 'pseudonym', fingerprint: keys.fingerprint });

  const table = client.table('schemas');
  const schemas = new RegisteredSchemas(table, new SchemaCache(), log);
  countSchemas(table, metrics);
  await table.start();
  const marks = new SeenMarks({
    redisUrl: settings.redisUrl,
    redisPassword: settings.redisPassword,
    clusterId: await client.admin.clusterId(),
    ttl: settings.seenDays * DAY_SECONDS,
    onChange: (state) => (state === 'ready' ? log.info('redis answers') : log.warn('redis is away')),
  });
  await followBuriedLater({ client, marks, log });
  const keyTable = client.table('keys');
  const originSeals = new OriginSeals(keyTable, now);
  await keyTable.start();
  const topics = new IngressTopics(members.current);
  const directory = await followDirectory(client, settings.configurationAnchor, { now, log, metrics });
  const standing = directory === undefined ? withoutDirectory : standingBy(directory);
  const judge = new RecordJudge({ topics, schemas, keys, marks, originSeals, standing, metrics, now });
  const stream = new RecordStream({
    service: SERVICE,
    client,
    plan: () => partOf(planTopics(readJsonFile(settings.topicsFile), members.current()), SERVICE, ROLES),
    log,
    metrics,
    tracer: createTracer(SERVICE, settings.traces, metrics),
    chunk: { records: settings.chunkRecords },
    sessionSeconds: settings.sessionSeconds,
    seal: openDeadLetterSeal(settings.deadLetterKey, log),
    bury: (record, fault) => judge.bury(record, fault),
  });
  await runService({
    service: SERVICE,
    module: validationModule(judge, {
      keys,
      callers: followCallers(settings.pseudonymCallers, log),
      metrics,
      log,
    }),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readCallersFile(settings.operatorsFile),
    checks: {
      kafka: () => stream.ready(),
      redis: () => marks.ready(),
      schemas: () => schemas.caughtUp().then(() => true),
      ...(directory === undefined ? {} : { configuration: () => directory.valid() }),
    },
    stream,
  });
}

/** The registry may keep more on its topic than schema versions. */
function countSchemas(table: Table, metrics: Metrics): void {
  const keys = new Set<string>();
  table.onChange((key, value) => {
    if (value === undefined) keys.delete(key);
    else if (readStoredSchema(key, value) !== undefined) keys.add(key);
    metrics.schemaVersions.set(keys.size);
  });
}

await startOrExplain(log, start);
