import type { SealingKeys } from '#consumer';
import type { ReceivedRecord } from '#record';
import type { FetchedRun, Reader, StreamClient } from '#stream';
import { Bell } from '../bell.js';
import { examine, type SealedItem } from './examine.js';
import type { Watermarks } from './watermarks.js';

/** Records of one partition that may be delivered, and the offset up to which that is all of them. */
export interface Released {
  readonly items: readonly SealedItem[];
  readonly next: bigint;
}

/** What reading sealed topics takes. */
export interface SealedSource {
  readonly client: Pick<StreamClient, 'transport'>;
  readonly watermarks: Watermarks;
  readonly keys: SealingKeys;
  readonly now: () => Date;
  /** Rung whenever there is something new to take. */
  readonly bell: Bell;
  readonly onCrash: (error: unknown) => void;
}

/** Reads one partition, never past the watermark, and one run ahead of whoever takes. */
export class ReleasedReader {
  private readonly reader: Reader;
  private readonly ending = new AbortController();
  private readonly taken = new Bell();
  private held: Released | undefined;
  /** Everything before it was offered. */
  private passed: bigint;

  constructor(
    private readonly source: SealedSource,
    private readonly topic: string,
    private readonly partition: number,
    from: bigint,
  ) {
    this.passed = from;
    this.reader = source.client.transport.read({ topic, partition, from }, (run) => this.release(run));
    this.reader.done.catch((error: unknown) => {
      if (!this.ending.signal.aborted) source.onCrash(error);
    });
  }

  /** The next run, where there is one now. */
  take(): Released | undefined {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.taken.ring();
    return held;
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.reader.stop();
  }

  /**
   * What lies between the last released record and the next one that is there counts as released: markers, aborted records, and what
   * compaction took away. Otherwise nobody would ever have come past a subject that was erased.
   */
  private async release({ records, next: after }: FetchedRun): Promise<void> {
    const { watermarks } = this.source;
    for (let rest = records; !this.ending.signal.aborted; ) {
      const mark = watermarks.next(this.topic, this.partition);
      const end = rest.findIndex(({ offset }) => BigInt(offset) >= mark);
      const part = end < 0 ? rest : rest.slice(0, end);
      rest = rest.slice(part.length);
      const next = rest[0] === undefined ? after : smaller(mark, BigInt(rest[0].offset));
      if (next > this.passed) {
        await this.offer({ items: await this.examined(part), next });
        this.passed = next;
      }
      if (rest.length === 0) return;
      // While the part was on offer the mark may have moved on, for the last time before a night.
      if (watermarks.next(this.topic, this.partition) === mark) await watermarks.changed(this.ending.signal);
    }
  }

  private async offer(released: Released): Promise<void> {
    while (this.held !== undefined && !this.ending.signal.aborted) await this.taken.wait(this.ending.signal);
    this.held = released;
    this.source.bell.ring();
  }

  private async examined(records: readonly ReceivedRecord[]): Promise<SealedItem[]> {
    const items: SealedItem[] = [];
    for (const record of records) {
      const against = this.source.watermarks.against(this.topic, this.partition, record.offset);
      if (against === 'unproven') items.push({ record, fault: 'DELIVERY_UNPROVEN' });
      else if (against === undefined) items.push(await this.examine(record));
    }
    return items;
  }

  /** A key may be newer than what has been read of the topic of keys: asked once more before the envelope is given up. */
  private async examine(record: ReceivedRecord): Promise<SealedItem> {
    const { keys, now } = this.source;
    const item = examine(record, keys.current(), now());
    if (!('fault' in item) || item.fault !== 'ENVELOPE_KEY_UNKNOWN') return item;
    await keys.caughtUp();
    return examine(record, keys.current(), now());
  }
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
