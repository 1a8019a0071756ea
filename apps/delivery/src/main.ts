import { followDirectory } from '#configuration';
import { FaultError } from '#faults';
import { followCallers, readCallersFile, runService, startOrExplain } from '#http';
import { RedisQuotas } from '#seen';
import { passphraseOr, readJsonFile, readMembers, readSettings, type Secret, type SettingsOf } from '#settings';
import {
  assertEpoch,
  awaitKafka,
  kafkaAt,
  kafkaClient,
  openDeadLetterSeal,
  partOf,
  planTopics,
  type StreamClient,
  type Subscription,
} from '#stream';
import { createLogger, createMetrics, createTracer, describeError } from '#telemetry';
import { AuditLines } from './citizens/audit-lines.js';
import { startCitizens } from './citizens/start-citizens.js';
import { configuredPolicy } from './configured-policy.js';
import { openContentDesk } from './contents/open-content-desk.js';
import { startDelivery } from './delivery.js';
import { deliveryModule } from './delivery.module.js';
import { laneMetrics, pushMetrics, receiptMetrics, waitingMetrics } from './observe.js';
import { type ConsumerPseudonyms, openConsumerPseudonyms } from './pseudonyms/consumer-pseudonyms.js';
import { Poster } from './push/post.js';
import { webhookKeysIn } from './push/webhook-secrets.js';
import { deliverySettings } from './settings.js';

const SERVICE = 'delivery';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);
const now = () => new Date();

async function start(): Promise<void> {
  const settings = readSettings(deliverySettings);
  const operators = followCallers(settings.callersFile, log);
  const consumers = followCallers(settings.consumersFile, log);
  const metrics = createMetrics(SERVICE);
  const tracer = createTracer(SERVICE, settings.traces, metrics);
  const client = kafkaClient({ ...kafkaAt(settings), clientId: SERVICE, log });
  await awaitKafka(client, log);
  const plan = (subscriptions: readonly Subscription[] = []) =>
    planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile), subscriptions);
  await client.admin.checkTopics(partOf(plan(), SERVICE, ROLES));
  const directory = await followDirectory(client, settings.configurationAnchor, { now, log, metrics });
  if (directory === undefined)
    throw new FaultError('SETTINGS_INVALID', 'KHIDI_CONFIGURATION_ANCHOR is empty: nobody says what may leave');
  const pseudonyms = settings.consumerPseudonyms ? await openPseudonyms(settings, client) : undefined;
  const quotas = new RedisQuotas({
    redisUrl: settings.redisUrl,
    redisPassword: settings.redisPassword,
    clusterId: await client.admin.clusterId(),
    onChange: (state) =>
      state === 'ready' ? log.info('redis answers') : log.warn('redis is away: quotas are counted here alone'),
  });
  const policy = configuredPolicy(directory, pseudonyms);
  const delivery = await startDelivery({
    service: SERVICE,
    client,
    policy,
    plan,
    chunkRecords: settings.chunkRecords,
    seal: openDeadLetterSeal(settings.deadLetterKey, log),
    log,
    quotas,
    tracer,
    observe: { ...laneMetrics(metrics), receipts: receiptMetrics(metrics) },
    push: {
      poster: new Poster({ timeoutMs: settings.webhookSeconds * 1000, privateAllowed: settings.webhookPrivate }),
      pace: {
        attempts: settings.webhookAttempts,
        firstMs: settings.webhookPauseMs,
        longestMs: settings.webhookLongestSeconds * 1000,
      },
      random: Math.random,
      observe: pushMetrics(metrics),
      webhookKeys: webhookKeysIn(settings.webhookSecrets),
    },
    now,
    onCrash: endCrashed,
  });
  waitingMetrics(metrics, delivery);
  const audit = new AuditLines(delivery.decisions);
  const citizens = startCitizens({ ...settings, client, directory, audit, metrics, log, now });
  const { operator } = readMembers(settings.membersFile);
  const permits = { policy, keys: delivery.keys, operator, audit, now, log };
  const contents = await openContentDesk(settings, () => passphraseOf(settings), permits);
  await runService({
    service: SERVICE,
    module: deliveryModule({
      desk: { desk: delivery.desk, callers: operators, metrics },
      pull: {
        desk: delivery.pull,
        subscriptions: delivery.subscriptions,
        now,
        operator,
        callers: consumers,
        metrics,
      },
      replays: { desk: delivery.replays, operators, consumers, metrics },
      loads: { lanes: delivery.lanes, operators, consumers, metrics },
      citizens: { desk: citizens.desk, operators, portals: followCallers(settings.portalsFile, log), metrics },
      receipts: { desk: delivery.receipts, callers: consumers, operators, metrics },
      contents: { desk: contents?.desk, callers: consumers, metrics },
      close: async () => {
        await contents?.close();
        await citizens.close();
        await delivery.close();
        await tracer.close();
        quotas.close();
        directory.close();
        await client.close();
      },
    }),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readCallersFile(settings.operatorsFile),
    checks: delivery.checks,
  });
}

/** Another key would make every subject a stranger to the consumers that know it: a new one begins an epoch, which is recorded. */
async function openPseudonyms(settings: SettingsOf<typeof deliverySettings>, client: StreamClient): Promise<ConsumerPseudonyms> {
  const { keysFolder, newEpoch } = settings;
  const { pseudonyms, made } = openConsumerPseudonyms(keysFolder, passphraseOf(settings));
  if (made !== undefined) log.warn('key made: keep a copy of its file', { file: made });
  const { changed } = await assertEpoch(client, 'consumer-pseudonym', pseudonyms.fingerprint, newEpoch);
  if (changed) log.warn('a new epoch began', { purpose: 'consumer-pseudonym', fingerprint: pseudonyms.fingerprint });
  return pseudonyms;
}

const passphraseOf = ({ passphrase }: SettingsOf<typeof deliverySettings>): Secret =>
  passphraseOr(passphrase, () => log.warn('development passphrase in use: not for real keys'));

/** What it reads and writes from the beginning; the topics of lanes it makes itself. */
const ROLES = [
  'sealed',
  'evidence',
  'keys',
  'configuration',
  'delivery-state',
  'handovers',
  'receipts',
  'epochs',
  'dead-letter',
  'audit',
] as const;

/** Whoever restarts the process goes on from what was decided. */
function endCrashed(error: unknown): void {
  log.error('delivery cannot go on', describeError(error));
  setTimeout(() => process.exit(1), 200); // a moment for the log line
}

await startOrExplain(log, start);
