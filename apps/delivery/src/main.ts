import { followDirectory } from '#configuration';
import { FaultError } from '#faults';
import { type Callers, readCallers, readOperators, runService, startOrExplain } from '#http';
import { followFile, readJsonFile, readMembers, readSettings } from '#settings';
import { awaitKafka, kafkaAt, kafkaClient, openDeadLetterSeal, partOf, planTopics, type Subscription } from '#stream';
import { createLogger, createMetrics, describeError } from '#telemetry';
import { configuredPolicy } from './configured-policy.js';
import { startDelivery } from './delivery.js';
import { deliveryModule } from './delivery.module.js';
import { laneMetrics, pushMetrics } from './observe.js';
import { Poster } from './push/post.js';
import { webhookKeysIn } from './push/webhook-secrets.js';
import { deliverySettings } from './settings.js';

const SERVICE = 'delivery';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);
const now = () => new Date();

async function start(): Promise<void> {
  const settings = readSettings(deliverySettings);
  const operators = followCallers(settings.callersFile);
  const consumers = followCallers(settings.consumersFile);
  const metrics = createMetrics(SERVICE);
  const client = kafkaClient({ ...kafkaAt(settings), clientId: SERVICE, log });
  await awaitKafka(client, log);
  const plan = (subscriptions: readonly Subscription[] = []) =>
    planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile), subscriptions);
  await client.admin.checkTopics(partOf(plan(), SERVICE, ROLES));
  const directory = await followDirectory(client, settings.configurationAnchor, { now, log });
  if (directory === undefined)
    throw new FaultError('SETTINGS_INVALID', 'KHIDI_CONFIGURATION_ANCHOR is empty: nobody says what may leave');
  const delivery = await startDelivery({
    service: SERVICE,
    client,
    policy: configuredPolicy(directory),
    plan,
    chunkRecords: settings.chunkRecords,
    seal: openDeadLetterSeal(settings.deadLetterKey, log),
    log,
    observe: laneMetrics(metrics),
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
  await runService({
    service: SERVICE,
    module: deliveryModule({
      desk: { desk: delivery.desk, callers: operators, metrics },
      pull: { desk: delivery.pull, operator: readMembers(settings.membersFile).operator, callers: consumers, metrics },
      close: async () => {
        await delivery.close();
        directory.close();
        await client.close();
      },
    }),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readOperators(settings.operatorsFile),
    checks: delivery.checks,
  });
}

/** What it reads and writes from the beginning; the topics of lanes it makes itself. */
const ROLES = ['sealed', 'evidence', 'keys', 'configuration', 'delivery-state', 'handovers', 'dead-letter', 'audit'] as const;

/** Who may call, as a file says it now; nobody where none is named. */
function followCallers(file: string): () => Callers {
  if (file === '') return () => new Map();
  return followFile(file, readCallersFile, {
    onMistake: (error) => log.error('a callers file is mistaken; the last good one stays', describeError(error)),
  }).current;
}

function readCallersFile(file: string): Callers {
  const callers = readCallers(readJsonFile(file));
  if (callers === undefined) throw new FaultError('SETTINGS_INVALID', `${file} is not {"<user>": ["sha-256:…"]}`);
  return callers;
}

/** Whoever restarts the process goes on from what was decided. */
function endCrashed(error: unknown): void {
  log.error('delivery cannot go on', describeError(error));
  setTimeout(() => process.exit(1), 200); // a moment for the log line
}

await startOrExplain(log, start);
