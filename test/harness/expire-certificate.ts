import { join } from 'node:path';
import { kafkaClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker } from '../broker.js';
import { Gauges } from '../instance/gauges.js';
import { ensureRegistryTopics, startRegistryProcess } from '../instance/registry.js';
import type { Provoking } from './provocation.js';

const PRINCIPAL = 'schema-registry';
const DAY_MS = 86_400_000;
/** Certificates of a local instance hold for 397 days: a week is left of these. */
const AGE_DAYS = 390;
const LEAST_DAYS = 14;
const EXPIRY = 'khidi_certificate_expiry_timestamp_seconds';

/**
 * A registry of its own proves itself to a closed broker with a certificate that is nearly over. Once that was noticed, the first step
 * of the runbook is taken: its files are replaced. Throws where the service does not show the new one by itself.
 */
export async function expireCertificate(folder: string, { watch, fired }: Pick<Provoking, 'watch' | 'fired'>): Promise<void> {
  const certifiedAt = new Date(Date.now() - AGE_DAYS * DAY_MS);
  const broker = await startBroker({ administrators: ['kafka', PRINCIPAL], certifiedAt });
  try {
    const tls = broker.tlsOf(PRINCIPAL);
    const client = kafkaClient({
      ...{ brokers: [broker.address], clientId: PRINCIPAL, tls },
      log: createLogger('harness', 'error', { write: () => undefined }),
    });
    try {
      await ensureRegistryTopics(client);
    } finally {
      await client.close();
    }
    const registry = await startRegistryProcess(
      { name: 'registry-closed', brokers: broker.address, folder: join(folder, 'registry-closed') },
      { KHIDI_KAFKA_CA: tls.ca, KHIDI_KAFKA_CERT: tls.cert, KHIDI_KAFKA_KEY: tls.key },
    );
    try {
      await registry.ready();
      watch('schema-registry', registry);
      await fired();
      broker.renewTlsOf(PRINCIPAL);
      const left = (await Gauges.of(registry)).sum(EXPIRY) - Date.now() / 1000;
      if (left < (LEAST_DAYS * DAY_MS) / 1000) throw new Error('the service still shows the old certificate');
    } finally {
      await registry.stop();
    }
  } finally {
    await broker.stop();
  }
}
