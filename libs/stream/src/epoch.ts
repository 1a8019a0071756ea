import { FaultError } from '#faults';
import type { StreamClient } from './client.js';
import type { Table } from './table.js';

const TOPIC = 'epochs';

/**
 * Compares the fingerprint of a key file with the one that the instance used last, as it stands in the compacted topic `epochs`.
 * The first fingerprint of a purpose is recorded. A different one throws KEY_EPOCH_CHANGED, unless `allowNew`: then the new epoch is
 * recorded, so that the change is never silent. `purpose` and `fingerprint` are no secrets.
 */
export async function assertEpoch(
  client: StreamClient,
  purpose: string,
  fingerprint: string,
  allowNew = false,
): Promise<{ readonly changed: boolean }> {
  const table = client.table(TOPIC);
  try {
    // The writer fences a twin that is doing the same, so that what is read after it stays true until it is written.
    const writer = await client.fencedWriter(`epochs-${purpose}`, [TOPIC]);
    try {
      await table.start();
      const last = lastOf(table, purpose);
      if (last?.fingerprint === fingerprint) return { changed: false };
      if (last !== undefined && !allowNew) {
        throw new FaultError('KEY_EPOCH_CHANGED', `${purpose}: ${last.fingerprint} was in use, ${fingerprint} was found`);
      }
      const value = Buffer.from(JSON.stringify({ fingerprint, since: new Date().toISOString() }));
      await writer.write([{ topic: TOPIC, key: purpose, value, headers: { 'content-type': 'application/json' } }]);
      return { changed: last !== undefined };
    } finally {
      await writer.close();
    }
  } finally {
    await table.close();
  }
}

/** What was recorded last; an unreadable value counts as another fingerprint. */
function lastOf(table: Table, purpose: string): { fingerprint: string } | undefined {
  const value = table.get(purpose);
  if (value === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(value.toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && 'fingerprint' in parsed && typeof parsed.fingerprint === 'string') {
      return { fingerprint: parsed.fingerprint };
    }
  } catch {
    // not JSON: someone else wrote to the topic
  }
  return { fingerprint: 'unreadable' };
}
