import { openCustody } from '#custody';
import { FAULTS, type FaultReport } from '#faults';
import { runService, startOrExplain } from '#http';
import { passphraseOr, readJsonFile, readMembers, readSettings } from '#settings';
import { assertEpoch, awaitKafka, kafkaClient, planTopics, RecordStream } from '#stream';
import { createLogger, createMetrics } from '#telemetry';
import { openKeys } from './keys/open-keys.js';
import { proveKeys } from './keys/prove-keys.js';
import { sealingMetrics } from './observe.js';
import { recordSealing } from './seal-records.js';
import { signingSettings } from './settings.js';
import { signingModule } from './signing.module.js';
import { sampledSelfCheck } from './steps/self-check.js';
import { tellBuried } from './tell-buried.js';

const SERVICE = 'signing';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);
const now = () => new Date();

async function start(): Promise<void> {
  const settings = readSettings(signingSettings);
  const membership = readMembers(settings.membersFile);
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const custody = openCustody(settings, passphrase);
  const keys = await openKeys(custody, settings.keysFolder, passphrase, membership.operator, now());
  for (const file of keys.made) log.warn('key made: keep a copy of its file', { file });
  const published = await proveKeys(keys.sealer, keys.keySet, now());
  log.info('key proven', { kid: keys.sealer.signer.kid, issuer: membership.operator });

  const metrics = createMetrics(SERVICE);
  const client = kafkaClient({ brokers: settings.brokers, clientId: SERVICE, log });
  await awaitKafka(client, log);
  for (const [purpose, fingerprint] of keys.epochs) {
    const { changed } = await assertEpoch(client, purpose, fingerprint, settings.newEpoch);
    if (changed) log.warn('a new epoch began', { purpose, fingerprint });
  }
  const sealing = recordSealing({
    sealer: keys.sealer,
    selfCheck: sampledSelfCheck(published, settings.selfCheckEvery),
    now,
    observe: sealingMetrics(metrics, keys.created, now),
    onBroken: endBroken,
  });
  const plan = () => planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile));
  const stream = new RecordStream({
    service: SERVICE,
    client,
    plan,
    log,
    metrics,
    chunk: { records: settings.chunkRecords },
    sessionSeconds: settings.sessionSeconds,
    bury: tellBuried(now),
  });
  await runService({
    service: SERVICE,
    module: signingModule(sealing, keys.keySet),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    checks: { kafka: () => stream.ready(), keys: () => sealing.trusted() && custody.ready() },
    stream,
  });
}

/** Nothing of what failed was written. The process ends at once: whoever restarts it gets the start-up proof first. */
function endBroken({ code, pointer }: FaultReport): void {
  log.error('sealing stopped', { code: 'SEAL_SELF_CHECK', found: code, pointer, next: FAULTS.SEAL_SELF_CHECK.next });
  setTimeout(() => process.exit(1), 200); // a moment for the log line
}

await startOrExplain(log, start);
