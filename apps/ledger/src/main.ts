import { openCustody } from '#custody';
import { readCallersFile, runService, startOrExplain } from '#http';
import { memberInTopic } from '#record';
import { passphraseOr, readJsonFile, readMembers, readSettings } from '#settings';
import { assertEpoch, kafkaAt, kafkaClient, openDeadLetterSeal, partOf, planTopics } from '#stream';
import { createLogger, createMetrics, createTracer, describeError } from '#telemetry';
import { openIndex } from './index/open-index.js';
import { openLedgerKeys } from './keys/ledger-keys.js';
import { followSealingKeys } from './keys/sealing-keys.js';
import { startLedger } from './ledger.js';
import { ledgerModule } from './ledger.module.js';
import { ledgerMetrics, tracedLedger, witnessMetrics } from './observe.js';
import { ledgerSettings } from './settings.js';
import { watchRetention } from './watch-retention.js';

const SERVICE = 'ledger';
/** What it reads and writes. */
const ROLES = ['sealed', 'outcomes', 'schema-audit', 'audit', 'keys', 'ledger', 'evidence', 'epochs'] as const;
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);

async function start(): Promise<void> {
  const settings = readSettings(ledgerSettings);
  const { operator } = readMembers(settings.membersFile);
  const origin = settings.origin === 'none' ? `khidi.invalid/${memberInTopic(operator)}` : settings.origin;
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const custody = openCustody(settings, passphrase);
  const keys = await openLedgerKeys(custody, origin, operator, new Date());
  for (const { purpose, kid } of keys.made) log.warn('key made: keep a copy of its store', { purpose, kid });

  const metrics = createMetrics(SERVICE);
  const tracer = createTracer(SERVICE, settings.traces, metrics);
  const client = kafkaClient({ ...kafkaAt(settings), clientId: SERVICE, log });
  const plan = () => partOf(planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile)), SERVICE, ROLES);
  await client.admin.checkTopics(plan());
  await assertEpoch(client, 'log-key', keys.log.key.vkey, settings.newEpoch);
  const sealingKeys = await followSealingKeys(client, operator);
  const ledger = await startLedger({
    ...settings,
    service: SERVICE,
    issuer: operator,
    client,
    plan,
    signer: keys.log,
    receiptKey: keys.receipts,
    seal: openDeadLetterSeal(settings.deadLetterKey, log),
    sealingKeys,
    stamps: { url: settings.tsaUrl === 'none' ? undefined : settings.tsaUrl, everySeconds: settings.stampSeconds },
    adopt: settings.newEpoch,
    ...(settings.index ? { openIndex: () => openIndex(settings.storeFolder, settings.databaseUrl) } : {}),
    log,
    observe: tracedLedger(ledgerMetrics(metrics), tracer),
    witnesses: {
      policyFile: settings.policyFile === 'none' ? undefined : settings.policyFile,
      windowSeconds: settings.windowSeconds,
      observe: witnessMetrics(metrics),
    },
    now: () => new Date(),
    onCrash: endCrashed,
  });
  const endWatch = watchRetention({
    admin: client.admin,
    plan,
    now: () => new Date(),
    log,
    show: (topic, overdue) => metrics.retentionOverdue.set({ topic }, overdue),
  });
  await runService({
    service: SERVICE,
    module: ledgerModule(ledger.reader, async () => {
      endWatch();
      await ledger.close();
      await sealingKeys.close();
      await tracer.close();
      await client.close();
      await custody.close();
    }),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    operators: readCallersFile(settings.operatorsFile),
    checks: { ...ledger.checks, keys: () => custody.ready() },
  });
}

/** Whoever restarts the process gets the proof of the whole log first. */
function endCrashed(error: unknown): void {
  log.error('the ledger cannot go on', describeError(error));
  setTimeout(() => process.exit(1), 200); // a moment for the log line
}

await startOrExplain(log, start);
