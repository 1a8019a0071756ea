import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** What the sending agency knows of one record; written outside the system under test. */
export interface Sent {
  /** CloudEvents source and id, joined by a space. */
  readonly event: string;
  /** Which subject the record is about, and which change of it this is (1, 2, 3 …). */
  readonly subject: string;
  readonly change: number;
  /** Whether the sender spoilt the record on purpose. */
  readonly faulty: boolean;
  /** SHA-256 of the canonical record. */
  readonly digest: string;
}

/**
 * The judge's memory: a line before each send (`intent`) and one after the answer (`acked` or `unknown`), forced to the disk for
 * each batch, so that the count does not depend on any process that is killed.
 */
export class Ledger {
  readonly #file: number;
  readonly intents = new Map<string, Sent>();
  readonly acked = new Set<string>();
  unknown = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600);
  }

  intend(batch: readonly Sent[]): void {
    for (const sent of batch) this.intents.set(sent.event, sent);
    this.#append(batch.map((sent) => `intent ${sent.event} ${sent.change}`));
  }

  answer(acked: readonly string[], unknown: readonly string[]): void {
    for (const event of acked) this.acked.add(event);
    this.unknown += unknown.length;
    this.#append([...acked.map((event) => `acked ${event}`), ...unknown.map((event) => `unknown ${event}`)]);
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(lines: readonly string[]): void {
    if (lines.length === 0) return;
    writeSync(this.#file, `${lines.join('\n')}\n`);
    fsyncSync(this.#file);
  }
}
