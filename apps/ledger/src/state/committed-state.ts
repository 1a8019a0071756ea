import { EVIDENCE_TOPIC } from '#evidence';
import { FaultError } from '#faults';
import { deadLetterTopic, type FencedWriter, type StreamClient, type WireRecord } from '#stream';
import { decodeState, encodeState, type LedgerState } from './ledger-state.js';

const TOPIC = 'ledger';
const DEAD_LETTERS = deadLetterTopic('ledger');
const PAUSE_MS = 500;

/**
 * The ledger's decisions, one after another, in a compacted Kafka topic that only one ledger can write: opening this fences every
 * other one of this cluster. A decision and the evidence events that follow from it are one transaction.
 */
export interface CommittedState {
  /** The last decision; undefined where there is none. */
  readonly current: LedgerState | undefined;
  /**
   * Commits the next decision together with `records`. Settles once it is known to be committed, whatever happens to Kafka
   * meanwhile. Throws LOG_FENCED once another ledger has decided something, and STREAM_UNAVAILABLE only after `close`.
   */
  commit(next: LedgerState, records: readonly WireRecord[]): Promise<void>;
  /** Whether the last commit went through at once. */
  ready(): boolean;
  close(): Promise<void>;
}

/** Fences other ledgers of this cluster and reads the last decision. Throws STREAM_UNAVAILABLE, and LOG_DIFFERS where it cannot be read. */
export async function openState(client: StreamClient, origin: string): Promise<CommittedState> {
  const state = new KafkaState(client, origin);
  await state.open();
  return state;
}

class KafkaState implements CommittedState {
  private writer: FencedWriter | undefined;
  private bytes: Buffer | undefined;
  private healthy = true;
  private closed = false;

  constructor(
    private readonly client: StreamClient,
    private readonly origin: string,
  ) {}

  get current(): LedgerState | undefined {
    if (this.bytes === undefined) return undefined;
    const state = decodeState(this.bytes);
    if (state?.checkpoint.origin !== this.origin) throw new FaultError('LOG_DIFFERS', 'the last decision cannot be read');
    return state;
  }

  async open(records: readonly WireRecord[] = []): Promise<void> {
    const topics = new Set([TOPIC, EVIDENCE_TOPIC, DEAD_LETTERS, ...records.map(({ topic }) => topic)]);
    this.writer = await this.client.fencedWriter(TOPIC, [...topics]);
    this.bytes = await this.last(); // after fencing, so that nobody can decide anything meanwhile
  }

  ready(): boolean {
    return this.healthy && !this.closed;
  }

  async commit(next: LedgerState, records: readonly WireRecord[]): Promise<void> {
    const value = encodeState(next);
    const decision: WireRecord = { topic: TOPIC, key: this.origin, value, headers: { 'content-type': 'application/json' } };
    const before = this.bytes;
    for (;;) {
      try {
        if (this.writer === undefined) await this.again(before, value, records);
        if (this.bytes?.equals(value) === true) break; // the answer was lost, not the decision
        await this.writer?.write([...records, decision]);
        this.bytes = value;
        break;
      } catch (error) {
        this.healthy = false;
        await this.writer?.close();
        this.writer = undefined;
        if (error instanceof FaultError && ['STREAM_FENCED', 'LOG_FENCED'].includes(error.code)) {
          throw new FaultError('LOG_FENCED', this.origin, { cause: error });
        }
        if (this.closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
    this.healthy = true;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.writer?.close();
  }

  /** After a failure nobody knows whether the decision was taken: asks, with everybody else fenced. */
  private async again(before: Buffer | undefined, value: Buffer, records: readonly WireRecord[]): Promise<void> {
    await this.open(records);
    const now = this.bytes;
    const known = now === undefined ? before === undefined : now.equals(value) || before?.equals(now) === true;
    if (!known) throw new FaultError('LOG_FENCED', 'another ledger has decided since');
  }

  private async last(): Promise<Buffer | undefined> {
    const table = this.client.table(TOPIC);
    try {
      await table.start();
      return table.get(this.origin);
    } finally {
      await table.close();
    }
  }
}
