import { decodeHandover, type ReceivedRecord } from '#record';

/** One delivery of somebody's record. Times are milliseconds since 1970. */
export interface UsageEntry {
  /** Where its line stands in `handovers`, and which record of that line it is. */
  readonly pos: bigint;
  readonly nth: number;
  /** `urn:khidi:<registry>:<pseudonym>`. */
  readonly subject: string;
  readonly at: number;
  /** The subject learns of it from then on; 0: at once. */
  readonly shownFrom: number;
  readonly type: string;
  readonly consumer: string;
  readonly purpose: string;
  /** `<id>/<version>`. */
  readonly agreement: string;
}

/** The deliveries that a record of `handovers` tells of; what was refused or kept as a dead letter went to nobody. */
export function entriesOf({ offset, value }: Pick<ReceivedRecord, 'offset' | 'value'>): readonly UsageEntry[] {
  const handover = decodeHandover(value);
  if (handover === undefined) return [];
  const { consumer, type, at, records } = handover;
  return records.flatMap(({ fate, subject, purpose = '', agreement = '', shownFrom }, nth) =>
    fate === 'delivered' && subject !== undefined
      ? [
          {
            ...{ pos: BigInt(offset), nth, subject, at: Date.parse(at), type, consumer, purpose, agreement },
            shownFrom: shownFrom === undefined ? 0 : Date.parse(shownFrom),
          },
        ]
      : [],
  );
}
