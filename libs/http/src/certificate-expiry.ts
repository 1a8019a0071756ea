import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { commonSettings, readSettings } from '#settings';
import { describeError, type Logger, type Metrics } from '#telemetry';

/**
 * Tells at each scrape until when the certificates are valid that we show to Kafka and at our HTTP door, read anew each time, since they
 * are renewed by replacing their files. Where none is named, none is told of.
 */
export function watchCertificates(metrics: Pick<Metrics, 'beforeScrape' | 'certificateExpiry'>, log: Pick<Logger, 'warn'>): void {
  const { kafka, http } = readSettings({ kafka: commonSettings.kafkaCert, http: commonSettings.httpCert });
  for (const [to, file] of Object.entries({ kafka, http })) {
    if (file === '') continue;
    metrics.beforeScrape(() => {
      try {
        metrics.certificateExpiry.set({ to }, Date.parse(new X509Certificate(readFileSync(file)).validTo) / 1000);
      } catch (error) {
        // While the file is being replaced; one that stays unreadable would keep the last date, which alarms in its time.
        log.warn('our certificate cannot be read', { to, ...describeError(error) });
      }
    });
  }
}
