import { currentKeys, historicalKeys, type KeyRecord, type KeySet, mergeKeySets, readKeyRecord, readKeySet } from '#envelope';
import type { Table } from '#stream';
import type { KeySource } from './consume.js';

/** A sealed topic keeps envelopes of keys that have retired long ago; they hold as long as their keys were not revoked. */
const FOR_EVER_SECONDS = 1e9;

/** The public keys on envelopes, as the compacted topic `keys` has them now: a revoked key counts for nothing from then on. */
export class SealingKeys implements KeySource {
  private readonly records = new Map<string, KeyRecord>();
  private known: KeySet | undefined;

  constructor(
    private readonly table: Pick<Table, 'onChange' | 'caughtUp'>,
    private readonly now: () => Date,
  ) {
    table.onChange((kid, value) => {
      const record = readKeyRecord(kid, value);
      if (record?.purpose === 'sealing') this.records.set(kid, record);
      else this.records.delete(kid);
      this.known = undefined;
    });
  }

  current(): KeySet {
    const records = [...this.records.values()];
    this.known ??= mergeKeySets(
      readKeySet({ keys: currentKeys(records, this.now(), FOR_EVER_SECONDS) }),
      readKeySet({ keys: historicalKeys(records) }),
    );
    return this.known;
  }

  /** Settles once all that was written to the topic until now counts. */
  caughtUp(): Promise<void> {
    return this.table.caughtUp();
  }

  /** The same, as a {@link KeySource} calls it. */
  refresh(): Promise<void> {
    return this.caughtUp();
  }
}
