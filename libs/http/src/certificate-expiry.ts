import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { commonSettings, readSettings } from '#settings';
import { describeError, type Logger, type Metrics } from '#telemetry';

/**
 * Tells at each scrape until when our certificate for Kafka is valid, read anew each time, since it is renewed by replacing its file. A service
 * that asks Kafka without TLS, or not at all, has none.
 */
export function watchCertificate(metrics: Pick<Metrics, 'beforeScrape' | 'certificateExpiry'>, log: Pick<Logger, 'warn'>): void {
  const { kafkaCert } = readSettings({ kafkaCert: commonSettings.kafkaCert });
  if (kafkaCert === '') return;
  metrics.beforeScrape(() => {
    try {
      metrics.certificateExpiry.set({ to: 'kafka' }, Date.parse(new X509Certificate(readFileSync(kafkaCert)).validTo) / 1000);
    } catch (error) {
      // While the file is being replaced; one that stays unreadable would keep the last date, which alarms in its time.
      log.warn('our certificate cannot be read', describeError(error));
    }
  });
}
