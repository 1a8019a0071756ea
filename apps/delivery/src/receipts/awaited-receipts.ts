import { FaultError } from '#faults';
import { type HandedRecord, type Handover, recordType, subsystemId } from '#record';
import type { Decisions } from '../state/decisions.js';
import type { LaneName } from '../steps/rule.js';
import { NumberRanges } from './number-ranges.js';

/** A delivery for which a receipt is asked and has not come. Times are RFC 3339. */
export interface Awaited {
  readonly number: number;
  readonly jti: string;
  /** Of what is signed in the envelope. */
  readonly digest: string;
  /** `<id>/<version>`. */
  readonly agreement: string;
  readonly delivered: string;
  readonly due: string;
}

/** With the offset of the handover that tells of it. */
type Noted = Awaited & { readonly offset: bigint };

/** What is known of the receipts of one lane. */
export interface LaneReceipts {
  readonly name: LaneName;
  readonly awaited: ReadonlyMap<number, Noted>;
  readonly received: NumberRanges;
  /** Deliveries without a receipt that are too many to be remembered one by one: the oldest. */
  readonly forgotten: number;
}

/** How many are remembered for one lane, some 30 MB: a consumer that never sends receipts must not take all memory. */
const MOST_AWAITED = 100_000;

/**
 * Which deliveries await a receipt: those that the topic `handovers` tells of, without the numbers that came back, which are kept with the
 * decisions of delivery.
 */
export class AwaitedReceipts {
  private readonly lanes = new Map<string, LaneReceipts & { readonly awaited: Map<number, Noted>; forgotten: number }>();

  /** Knows at once the lanes that receipts came back for. */
  constructor(private readonly decisions: Pick<Decisions, 'get' | 'keys'>) {
    for (const key of decisions.keys(PREFIX)) {
      const [, consumer, type] = key.split('|');
      const name = { consumer: subsystemId(consumer ?? ''), type: recordType(type ?? '') };
      if (name.consumer !== undefined && name.type !== undefined) this.laneOf(name as LaneName);
    }
  }

  note({ consumer, type, at, records }: Handover, offset: bigint): void {
    for (const record of records) {
      const awaited = awaitedOf(record, at);
      if (awaited === undefined) continue;
      const lane = this.laneOf({ consumer, type });
      if (lane.received.has(awaited.number)) continue;
      lane.awaited.set(awaited.number, { ...awaited, offset });
      const [oldest] = lane.awaited.keys();
      if (lane.awaited.size <= MOST_AWAITED || oldest === undefined) continue;
      lane.awaited.delete(oldest);
      lane.forgotten += 1;
    }
  }

  of(name: LaneName): LaneReceipts {
    return this.laneOf(name);
  }

  all(): readonly LaneReceipts[] {
    return [...this.lanes.values()];
  }

  /** The first handover that tells of something awaited; undefined where nothing is. */
  oldest(): bigint | undefined {
    let oldest: bigint | undefined;
    for (const { awaited } of this.lanes.values()) {
      const [first] = awaited.values(); // of one lane they are noted in their order
      if (first !== undefined && (oldest === undefined || first.offset < oldest)) oldest = first.offset;
    }
    return oldest;
  }

  /** These came back, and that is committed. */
  settle(name: LaneName, numbers: readonly number[]): void {
    const lane = this.laneOf(name);
    for (const number of numbers) {
      lane.received.add(number);
      lane.awaited.delete(number);
    }
  }

  private laneOf(name: LaneName) {
    const key = receiptsKey(name);
    const known = this.lanes.get(key);
    if (known !== undefined) return known;
    const made = { name, awaited: new Map<number, Noted>(), received: readRanges(this.decisions.get(key), key), forgotten: 0 };
    this.lanes.set(key, made);
    return made;
  }
}

/** How many of a lane are due at an instant; both are written as `toISOString` does, so that their texts are in order. */
export function missingIn({ awaited, forgotten }: LaneReceipts, now: string): number {
  let missing = forgotten;
  for (const { due } of awaited.values()) if (due <= now) missing += 1;
  return missing;
}

/** The key of a lane's receipts in the state of delivery. */
export const receiptsKey = ({ consumer, type }: LaneName): string => `${PREFIX}${consumer}|${type}`;
const PREFIX = 'receipts|';

/** The value bytes of what came back (JSON, UTF-8). */
export const encodeRanges = (ranges: NumberRanges): Buffer => Buffer.from(JSON.stringify({ received: ranges }));

/** Reads what {@link encodeRanges} wrote. Throws DELIVERY_STATE_UNREADABLE. */
function readRanges(value: Buffer | undefined, key: string): NumberRanges {
  if (value === undefined) return NumberRanges.of();
  try {
    const { received } = JSON.parse(value.toString('utf8')) as { received: [number, number][] };
    if (received.every((range) => range.length === 2 && range.every(Number.isSafeInteger))) return NumberRanges.of(received);
  } catch {
    // not JSON: told below
  }
  throw new FaultError('DELIVERY_STATE_UNREADABLE', key);
}

function awaitedOf({ fate, number, jti, agreement, receipt }: HandedRecord, delivered: string): Awaited | undefined {
  if (fate !== 'delivered' || receipt === undefined || number === undefined || jti === undefined || agreement === undefined)
    return undefined;
  return { number, jti, agreement, delivered, ...receipt };
}
