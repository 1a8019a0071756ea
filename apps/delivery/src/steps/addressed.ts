import type { WireRecord } from '#stream';
import type { LaneName } from './rule.js';

/** The headers that say for whom a dead letter was, and of which type. */
export const ADDRESS_HEADER = { consumer: 'khidi_consumer', type: 'khidi_record_type' } as const;

/** A dead letter of delivery says whose lane it left. */
export function addressed(record: WireRecord, { consumer, type }: LaneName): WireRecord {
  const address = { [ADDRESS_HEADER.consumer]: consumer, [ADDRESS_HEADER.type]: type };
  return { ...record, headers: { ...record.headers, ...address } as WireRecord['headers'] };
}
