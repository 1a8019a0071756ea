import { type ReceivedRecord, readDeliveryTopic, recordType } from '#record';
import type { WireRecord } from '#stream';
import type { Lanes } from '../lanes/lanes.js';
import type { Pushers } from '../push/pushers.js';
import { ADDRESS_HEADER } from '../steps/addressed.js';
import type { LaneName } from '../steps/rule.js';
import type { Replay } from './dead-letter-desk.js';

/**
 * How each kind of dead letter gets on: what a webhook did not take is brought there again; what no lane could deliver is decided on
 * again; what another service gave up goes back to where it came from. What somebody else wrote to a sealed topic has no way.
 */
export function replayOf(lanes: Lanes, pushers: Pushers): Replay {
  return (record) => {
    const delivered = readDeliveryTopic(record.topic);
    if (delivered !== undefined) {
      const again = pushers.replay(delivered, record);
      return again?.then((fault) => (fault === undefined ? { records: [] } : { fault }));
    }
    if (record.topic.startsWith('sealed.')) {
      const lane = lanes.open().find(({ name }) => isSame(name, addressOf(record)));
      return lane?.replay(unaddressed(record)).then((fault) => (fault === undefined ? { records: [] } : { fault }));
    }
    if (!/^(ingress|validated)\./.test(record.topic)) return undefined;
    const { topic, partition, key, value, headers } = record;
    return Promise.resolve({ records: [{ topic, partition, key, value, headers } satisfies WireRecord] });
  };
}

const addressOf = ({ headers }: ReceivedRecord): { consumer: string; type: string } => ({
  consumer: String(headers[ADDRESS_HEADER.consumer] ?? ''),
  type: recordType(String(headers[ADDRESS_HEADER.type] ?? '')) ?? '',
});
const isSame = (name: LaneName, address: { consumer: string; type: string }): boolean =>
  name.consumer === address.consumer && name.type === address.type;

function unaddressed(record: ReceivedRecord): ReceivedRecord {
  const ours: readonly string[] = Object.values(ADDRESS_HEADER);
  return { ...record, headers: Object.fromEntries(Object.entries(record.headers).filter(([name]) => !ours.includes(name))) };
}
