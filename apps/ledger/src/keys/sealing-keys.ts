import { type KeyRecord, type KeySet, readKeyRecord, readKeySet, sealingKeys } from '#envelope';
import type { MemberId } from '#record';
import type { StreamClient } from '#stream';

const TOPIC = 'keys';

/** The keys by which an envelope may have been sealed. */
export interface SealingKeys {
  known(): KeySet;
  /** The same once everything is known that was written to the register before. Rejects while Kafka does not answer. */
  caughtUp(): Promise<KeySet>;
}

/** Follows the register of keys in its topic. Throws STREAM_TOPIC_MISSING and STREAM_UNAVAILABLE. */
export async function followSealingKeys(
  client: Pick<StreamClient, 'table'>,
  iss: MemberId,
): Promise<SealingKeys & { close(): Promise<void> }> {
  const table = client.table(TOPIC);
  const records = new Map<string, KeyRecord>();
  let keys: KeySet | undefined;
  table.onChange((kid, value) => {
    const record = readKeyRecord(kid, value);
    if (record === undefined) records.delete(kid);
    else records.set(kid, record);
    keys = undefined;
  });
  await table.start();
  const known = () => (keys ??= readKeySet({ keys: sealingKeys(records.values(), iss) }));
  return {
    known,
    async caughtUp() {
      await table.caughtUp();
      return known();
    },
    close: () => table.close(),
  };
}
