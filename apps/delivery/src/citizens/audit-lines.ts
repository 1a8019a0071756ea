import { type Act, auditRecord } from '#evidence';
import type { Decisions } from '../state/decisions.js';

interface Waiting {
  readonly act: Act;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const KEY = 'audit';

/** Writes acts to the audit topic, where each gets its leaf. Those that come while one is being written share the next transaction. */
export class AuditLines {
  private waiting: Waiting[] = [];
  private writing = false;
  private count = 0;

  constructor(private readonly decisions: Pick<Decisions, 'commit'>) {}

  /** Settles once the line is committed. Rejects where it was not written, with STREAM_UNAVAILABLE. */
  write(act: Act): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ act, resolve, reject });
      if (!this.writing) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const together = this.waiting.splice(0);
      this.count += 1;
      // The value is what tells this decision from the one before, also from one of another process.
      const value = Buffer.from(JSON.stringify({ at: together[0]?.act.at, process: process.pid, count: this.count }));
      try {
        await this.decisions.commit({ key: KEY, value, records: together.map(({ act }) => auditRecord(act)) });
        for (const { resolve } of together) resolve();
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    this.writing = false;
  }
}
