import { join } from 'node:path';
import { runService, startOrExplain } from '#http';
import { memberInTopic } from '#record';
import { passphraseOr, readJsonFile, readMembers, readSettings } from '#settings';
import { assertEpoch, kafkaClient, planTopics } from '#stream';
import { createLogger, createMetrics, describeError } from '#telemetry';
import { openLogKey } from './keys/log-key.js';
import { startLedger } from './ledger.js';
import { ledgerModule } from './ledger.module.js';
import { ledgerMetrics, witnessMetrics } from './observe.js';
import { openReceiptKey } from './receipts/receipt-key.js';
import { ledgerSettings } from './settings.js';

const SERVICE = 'ledger';
const log = createLogger(SERVICE, process.env.KHIDI_LOG_LEVEL);

async function start(): Promise<void> {
  const settings = readSettings(ledgerSettings);
  const { operator } = readMembers(settings.membersFile);
  const origin = settings.origin === 'none' ? `khidi.invalid/${memberInTopic(operator)}` : settings.origin;
  const passphrase = passphraseOr(settings.passphrase, () => log.warn('development passphrase in use: not for real keys'));
  const keyFile = join(settings.keysFolder, 'log-key.json');
  const { signer, created } = openLogKey(keyFile, passphrase, origin);
  if (created) log.warn('key made: keep a copy of its file', { file: keyFile });

  const metrics = createMetrics(SERVICE);
  const client = kafkaClient({ brokers: settings.brokers, clientId: SERVICE, log });
  const plan = () => planTopics(readJsonFile(settings.topicsFile), readMembers(settings.membersFile));
  await client.admin.checkTopics(plan());
  await assertEpoch(client, 'log-key', signer.key.vkey, settings.newEpoch);
  const ledger = await startLedger({
    ...settings,
    service: SERVICE,
    issuer: operator,
    client,
    plan,
    signer,
    receiptKey: openReceiptKey(join(settings.keysFolder, 'receipt-key.json'), passphrase, operator),
    stamps: { url: settings.tsaUrl === 'none' ? undefined : settings.tsaUrl, everySeconds: settings.stampSeconds },
    adopt: settings.newEpoch,
    log,
    observe: ledgerMetrics(metrics),
    witnesses: {
      policyFile: settings.policyFile === 'none' ? undefined : settings.policyFile,
      windowSeconds: settings.windowSeconds,
      observe: witnessMetrics(metrics),
    },
    now: () => new Date(),
    onCrash: endCrashed,
  });
  await runService({
    service: SERVICE,
    module: ledgerModule(ledger.reader, async () => {
      await ledger.close();
      await client.close();
    }),
    host: settings.host,
    port: settings.port,
    log,
    metrics,
    checks: ledger.checks,
  });
}

/** Whoever restarts the process gets the proof of the whole log first. */
function endCrashed(error: unknown): void {
  log.error('the ledger cannot go on', describeError(error));
  setTimeout(() => process.exit(1), 200); // a moment for the log line
}

await startOrExplain(log, start);
