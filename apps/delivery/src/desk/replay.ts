import { type ReceivedRecord, readDeliveryTopic, recordType } from '#record';
import type { Lanes } from '../lanes/lanes.js';
import type { Pushers } from '../push/pushers.js';
import { ADDRESS_HEADER } from '../steps/addressed.js';
import type { LaneName } from '../steps/rule.js';
import type { Replay } from './dead-letter-desk.js';

/**
 * How a dead letter of delivery gets on: what a webhook did not take is brought there again, what no lane could deliver is decided on
 * again. Those of other services have no way from here, since delivery may not write where it is not the source; their
 * agencies were told, and send the record again under the same id.
 */
export function replayOf(lanes: Lanes, pushers: Pushers): Replay {
  return (record) => {
    const delivered = readDeliveryTopic(record.topic);
    if (delivered !== undefined) {
      return pushers.replay(delivered, record);
    }
    const lane = lanes.open().find(({ name }) => isSame(name, addressOf(record)));
    return lane?.replay(unaddressed(record));
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
