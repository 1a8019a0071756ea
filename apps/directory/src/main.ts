import { openCustody } from '#custody';
import { FaultError } from '#faults';
import { readCallersFile, runService, startOrExplain } from '#http';
import { passphraseOr, readJsonFile, readMembers, readSettings } from '#settings';
import { awaitKafka, kafkaAt, kafkaClient, planTopics, type TopicRole, topicsOf } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { directoryModule } from './directory.module.js';
import { openConfigurationKey } from './keys/configuration-key.js';
import { openDirectory } from './open-directory.js';
import { directorySettings } from './settings.js';

const SERVICE = 'directory';
const ROLES: readonly TopicRole[] = ['directory', 'configuration', 'schemas', 'audit'];
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);
const now = () => new Date();

async function start(): Promise<void> {
  const settings = readSettings(directorySettings);
  if (settings.renewSeconds * 2 > settings.validSeconds)
    throw new FaultError(
      'SETTINGS_INVALID',
      'KHIDI_CONFIGURATION_SECONDS is not at least twice KHIDI_CONFIGURATION_RENEW_SECONDS',
    );
  const { operator } = readMembers(settings.membersFile);
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const custody = openCustody(settings, passphrase);
  const callers = readCallersFile(settings.callersFile);
  const key = await openConfigurationKey(custody, settings.configurationAnchor, operator, now());
  if (key.made) log.warn('key made: keep a copy of its store, and give the anchor to every service', { kid: key.signer.kid });

  const metrics = createMetrics(SERVICE);
  const client = kafkaClient({ ...kafkaAt(settings), clientId: SERVICE, log });
  await awaitKafka(client, log);
  const plan = planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile));
  await client.admin.checkTopics({ ...plan, topics: plan.topics.filter(({ role }) => ROLES.includes(role)) });
  const named = (role: TopicRole) => topicsOf(plan, role)[0] ?? role;
  const topics = { directory: named('directory'), configuration: named('configuration'), schemas: named('schemas') };
  const { validSeconds, renewSeconds } = settings;
  const directory = await openDirectory({ client, topics, iss: operator, key, validSeconds, renewSeconds, now, log, metrics });
  const { register, followed, published } = directory;
  const desk = { register, followed, published, operator, jwks: key.jwks, metrics, now };
  await runService({
    service: SERVICE,
    module: directoryModule(desk, { callers, metrics }),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readCallersFile(settings.operatorsFile),
    checks: {
      configuration: () => followed.valid(),
      keys: () => custody.ready(),
      kafka: () => published.caughtUp().then(() => true),
    },
  });
}

await startOrExplain(log, start);
