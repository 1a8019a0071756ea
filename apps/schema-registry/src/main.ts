import { followDirectory, publishedAgreements } from '#configuration';
import { FaultError } from '#faults';
import { readCallersFile, runService, startOrExplain } from '#http';
import { readJsonFile, readMembers, readSettings, type SettingsOf } from '#settings';
import { awaitKafka, kafkaAt, kafkaClient, planTopics, type TopicPlan, topicsOf } from '#stream';
import { createLogger, createMetrics, type Metrics } from '#telemetry';
import { Impact } from './changes/impact.js';
import { LintReports } from './changes/lint-reports.js';
import { Registration } from './changes/register.js';
import { Review } from './changes/review.js';
import { Safety } from './changes/safety.js';
import { compareSchemas } from './compare-schemas.js';
import { type Access, openAccess, readRegistryCallers, SecretAccess } from './door/access.js';
import { openDoor } from './door/open-door.js';
import { SchemaRegistryModule } from './schema-registry.module.js';
import { registrySettings } from './settings.js';
import { Store } from './store/store.js';

const SERVICE = 'schema-registry';
const VERSION = '0.1.0';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);

type Settings = SettingsOf<typeof registrySettings>;

async function start(): Promise<void> {
  const settings = readSettings(registrySettings);
  const metrics = createMetrics(SERVICE);
  const access = accessOf(settings, metrics);
  const plan = ownPlan(settings);
  const [topic = '', auditTopic = ''] = plan.topics.map(({ name }) => name);
  const client = kafkaClient({ ...kafkaAt(settings), clientId: SERVICE, log });
  await awaitKafka(client, log);
  await client.admin.checkTopics(plan);

  const openWriter = () => client.fencedWriter(`${SERVICE}-${topic}`, [topic, auditTopic]);
  const table = client.table(topic);
  const store = new Store({
    table,
    topic,
    auditTopic,
    open: openWriter,
    log,
    now: () => new Date(),
  });
  store.onChange(() => metrics.schemaVersions.set(store.catalogue.size));
  await openWriter().then((writer) => writer.close()); // completes a torn write, which the table would wait for
  await table.start();
  log.info('schemas read', { versions: store.catalogue.size });
  const { compare, lint } = compareSchemas(settings.comparisonSeconds);
  const safety = new Safety(store, compare);
  const lintReports = new LintReports(lint);
  const registration = new Registration(store, safety, settings.hasRoad);
  const review = new Review(store, registration, safety);
  const now = () => new Date();
  const directory = await followDirectory(client, settings.configurationAnchor, { now, log });
  const impact = new Impact({
    admin: client.admin,
    plan: () => (settings.hasRoad ? wholePlan(settings) : undefined),
    agreements: directory && (() => publishedAgreements(directory.current())),
    now,
  });
  const about = { clusterId: await client.admin.clusterId(), version: VERSION };
  await runService({
    service: SERVICE,
    module: SchemaRegistryModule,
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readCallersFile(settings.operatorsFile),
    checks: { schemas: () => table.caughtUp().then(() => true) },
    configure: (app) => {
      const loopbackOnly = settings.auth === 'none';
      const registry = { store, registration, safety, review, lintReports, impact, about };
      openDoor(app, { registry, access, metrics, log, loopbackOnly });
    },
  });
}

function accessOf({ auth, host, callersFile, anonymousReads }: Settings, metrics: Metrics): Access {
  if (auth === 'none') {
    const access = openAccess(host);
    log.warn('no authentication: everybody on this machine may change every schema', { host });
    return access;
  }
  if (callersFile === '')
    throw new FaultError('SETTINGS_INVALID', 'KHIDI_CALLERS is missing (roles and hashed secrets of callers)');
  return new SecretAccess(readRegistryCallers(callersFile), anonymousReads, () => metrics.refusedCallers.inc());
}

/** All topics of the instance, for the members that its file names now. */
function wholePlan({ topicsFile, membersFile }: Pick<Settings, 'topicsFile' | 'membersFile'>): TopicPlan {
  return planTopics(readJsonFile(topicsFile), readMembers(membersFile));
}

/** The two topics of the registry, as the plan says or under names of their own. */
function ownPlan({ topicsFile, membersFile, schemasTopic, auditTopic }: Settings): TopicPlan {
  const plan = wholePlan({ topicsFile, membersFile });
  const named = (role: 'schemas' | 'schema-audit', name: string) => {
    const [first = ''] = topicsOf(plan, role);
    const topic = plan.topics.find((one) => one.name === first);
    if (topic === undefined) throw new FaultError('SETTINGS_INVALID', `${topicsFile} has no topic with the role ${role}`);
    return { ...topic, name: name === '' ? topic.name : name };
  };
  return { ...plan, topics: [named('schemas', schemasTopic), named('schema-audit', auditTopic)] };
}

await startOrExplain(log, start);
