import { type KeyRecord, type KeySet, originKeys, originMisfit, readKeyRecord, readKeySet } from '#envelope';
import { type FaultReport, faultReport } from '#faults';
import { HEADER, type ReceivedRecord } from '#record';
import type { Table } from '#stream';
import type { IngressTopic } from './steps/ingress-topics.js';
import type { WholeEvent } from './steps/validated-record.js';

/**
 * Judges what agencies state themselves. Their public keys stand in the compacted topic `keys`, where officers admitted and
 * activated them; the register is followed, so that a revoked key counts for nothing from then on.
 */
export class OriginSeals {
  readonly #records = new Map<string, KeyRecord>();
  #keys: KeySet | undefined;

  constructor(
    table: Pick<Table, 'onChange'>,
    private readonly now: () => Date,
  ) {
    table.onChange((kid, value) => {
      const record = readKeyRecord(kid, value);
      if (record === undefined) this.#records.delete(kid);
      else if (record.purpose === 'origin') this.#records.set(kid, record);
      this.#keys = undefined;
    });
  }

  /**
   * The seal of a record, which holds; undefined where it has none and needs none; otherwise ORIGIN_SEAL_INVALID or
   * ORIGIN_SEAL_MISSING. A seal that does not hold is never taken for none: somebody meant it.
   */
  judge(
    { headers }: ReceivedRecord,
    event: WholeEvent,
    record: Uint8Array,
    { member, seals }: Pick<IngressTopic, 'member' | 'seals'>,
  ): string | undefined | FaultReport {
    const sent = headers[HEADER.seal];
    if (sent === undefined) return seals ? faultReport('ORIGIN_SEAL_MISSING') : undefined;
    if (!Buffer.isBuffer(sent)) return faultReport('ORIGIN_SEAL_INVALID');
    this.#keys ??= readKeySet({ keys: originKeys(this.#records.values()) });
    const misfit = originMisfit(sent, this.#keys, { member, event, record, now: this.now() });
    return misfit === undefined ? sent.toString('latin1') : faultReport('ORIGIN_SEAL_INVALID');
  }
}
