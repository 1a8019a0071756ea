import type { ClassicLevel } from 'classic-level';
import { acceptedKey, eventPrefix, timeKey } from './keys.js';
import { type Entry, MarkJournal } from './mark-journal.js';

/** An event that Kafka acknowledged. `ingress` is `topic/partition/offset`, `at` RFC 3339 in UTC. */
export interface AcceptedMark {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly ingress: string;
  readonly at: string;
}

/** How long marks wait for company, in milliseconds, and how many of them do not wait. */
const COMPANY_MS = 25;
const ENOUGH = 500;
/** So many wait at most; then whoever brings more waits for the store. */
const MOST_WAITING = 5000;

/**
 * The marks of accepted events on their way into LevelDB. A write there costs a hand-over to another thread, whatever it writes, and
 * every single answer of the door waits for its mark: so marks go to a journal at once, and into LevelDB many at a time.
 */
export class AcceptedMarks {
  private waiting: Entry[] = [];
  private flushing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private refused = false;
  private writes = 0;

  private constructor(
    private readonly level: ClassicLevel,
    private readonly journal: MarkJournal,
    private readonly onRefused: (error: unknown) => void,
  ) {}

  /**
   * Takes over what an earlier process left in the journal of `folder`; drops it where it `isForeign`. Whoever has the lock of
   * LevelDB may call this. `onRefused` is told when LevelDB begins to refuse marks, which may be when nobody waits for any. Throws
   * SETTINGS_INVALID for a damaged journal.
   */
  static async open(
    level: ClassicLevel,
    folder: string,
    isForeign: boolean,
    onRefused: (error: unknown) => void = () => undefined,
  ): Promise<AcceptedMarks> {
    const marks = new AcceptedMarks(level, new MarkJournal(folder), onRefused);
    if (!isForeign) marks.waiting = marks.journal.left();
    await marks.flush();
    marks.journal.clear();
    return marks;
  }

  /** Once it resolves, the marks outlive this process. Rejects where the disk takes no more, or LevelDB did not take those before. */
  async add(marks: readonly AcceptedMark[]): Promise<void> {
    while (this.refused || this.waiting.length >= MOST_WAITING) await this.flush();
    const entries = marks.map(
      ({ source, id, type, ingress, at }): Entry => [acceptedKey(eventPrefix(source, id), ingress), JSON.stringify({ type, at })],
    );
    this.journal.append(entries);
    this.waiting.push(...entries);
    this.flushSoon();
  }

  /** Entries whose keys begin like this and that LevelDB may not have yet. To be asked before LevelDB is. */
  of(prefix: string): Entry[] {
    return this.waiting.filter(([key]) => key.startsWith(prefix));
  }

  /** Puts marks into LevelDB. Rejects where it does not take them; they are kept and tried again with those that come next. */
  async flush(): Promise<void> {
    await this.flushing?.catch(() => undefined); // its own caller hears of it
    if (this.waiting.length === 0) return;
    this.flushing ??= this.write().finally(() => {
      this.flushing = undefined;
      if (!this.refused) this.flushSoon();
    });
    await this.flushing;
  }

  async close(): Promise<void> {
    try {
      while (this.waiting.length > 0) await this.flush();
    } catch {
      // LevelDB does not take them: they stand in the journal, and the next start hands them over
    }
    clearTimeout(this.timer);
    this.journal.close();
  }

  private flushSoon(): void {
    if (this.flushing !== undefined || this.waiting.length === 0) return;
    const flush = (): void => {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.flush().catch(() => undefined); // `onRefused` was told, and whoever brings the next marks hears of it
    };
    if (this.waiting.length >= ENOUGH) flush();
    else this.timer ??= setTimeout(flush, COMPANY_MS);
  }

  private async write(): Promise<void> {
    const entries = this.waiting.slice();
    const emptied = this.journal.turn();
    try {
      const batch = this.level.batch();
      for (const [key, value] of entries) batch.put(key, value);
      batch.put(timeKey(Date.now(), this.writes++ % 0xffff_ffff), JSON.stringify(entries.map(([key]) => key)));
      await batch.write();
    } catch (error) {
      if (!this.refused) this.onRefused(error);
      this.refused = true;
      throw error;
    }
    this.refused = false;
    this.waiting = this.waiting.slice(entries.length);
    emptied();
  }
}
