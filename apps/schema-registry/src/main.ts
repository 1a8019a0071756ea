import { FaultError } from '#faults';
import { readCallers, runService, startOrExplain } from '#http';
import { readJsonFile, readMembers, readSettings } from '#settings';
import { awaitKafka, kafkaClient, planTopics, topicsOf } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { Catalogue } from './catalogue.js';
import { Registration } from './registration.js';
import { schemaRegistryModule } from './schema-registry.module.js';
import { registrySettings } from './settings.js';

const SERVICE = 'schema-registry';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);

async function start(): Promise<void> {
  const settings = readSettings(registrySettings);
  const callers = readCallers(readJsonFile(settings.callersFile));
  if (callers === undefined) throw new FaultError('SETTINGS_INVALID', `${settings.callersFile} is not {"<user>": ["sha-256:…"]}`);
  const plan = planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile));
  const [topic = 'schemas'] = topicsOf(plan, 'schemas');
  const metrics = createMetrics(SERVICE);
  const client = kafkaClient({ brokers: settings.brokers, clientId: SERVICE, log });
  await awaitKafka(client, log);
  await client.admin.checkTopics({ ...plan, topics: plan.topics.filter(({ role }) => role === 'schemas') });

  const table = client.table(topic);
  const catalogue = new Catalogue(table, log);
  table.onChange(() => metrics.schemaVersions.set(catalogue.size));
  await table.start();
  log.info('schemas read', { versions: catalogue.size });
  const registration = new Registration({
    catalogue,
    table,
    openWriter: () => client.fencedWriter(SERVICE),
    onFenced: endFenced,
    topic,
    now: () => new Date(),
  });
  await runService({
    service: SERVICE,
    module: schemaRegistryModule(catalogue, registration, { callers, metrics }, log),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    checks: { schemas: () => table.caughtUp().then(() => true) },
  });
}

/** Two writers must never go on side by side: the one that was fenced ends. */
function endFenced(): void {
  log.error('another instance writes schemas now', { next: 'Start this one again if the other was not meant to run.' });
  setTimeout(() => process.exit(1), 200); // a moment for the log line
}

await startOrExplain(log, start);
