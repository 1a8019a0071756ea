import { canonicalize, type JsonValue, sha256Digest } from '#canonical';
import { Turns } from '#concurrency';
import { type Act, auditRecord } from '#evidence';
import { FaultError } from '#faults';
import type { OutgoingRecord } from '#record';
import type { FencedWriter, Table } from '#stream';
import { DirectoryState, keyOf } from './directory-state.js';
import { instant, type Kind, type Kinds } from './records.js';

/** One record that a decision changes. */
export type Change = { readonly [K in Kind]: { readonly kind: K; readonly id: string; readonly record: Kinds[K] } }[Kind];

/** What a decision writes, the line that tells of it for ever, and what its caller hears once all is durable. */
export interface Decision<T> {
  readonly change: Exclude<Change, { kind: 'version' }>;
  readonly act: Pick<Act, 'by' | 'action' | 'why'>;
  /** Whether it only ends something: that never waits for room in the configuration. */
  readonly ends?: boolean;
  readonly answer: T;
}

/** What the register works with. */
export interface RegisterParts {
  readonly table: Pick<Table, 'caughtUp' | 'entries' | 'onChange'>;
  readonly topic: string;
  /** Opens the only writer there may be of the directory, the audit and the configuration. */
  readonly openWriter: () => Promise<FencedWriter>;
  readonly now: () => Date;
  /**
   * What is to be published once `change` is made: the configuration as a record, and the number of the content where it is a new one.
   * Asked within the decision, so that a change is published in the transaction that makes it. `adds`: whether it is one that may be refused.
   */
  readonly publish: (
    state: DirectoryState,
    change: Change | undefined,
    adds: boolean,
  ) => Promise<readonly (OutgoingRecord | Change)[]>;
  /** Told of every act of this service. */
  readonly onAct: (act: Act) => void;
}

const MOST_TRIES = 3;

/**
 * All that the directory knows. Every change is written by one fenced writer that has read everything before it, with its line in
 * the audit and with the configuration that follows from it, in one transaction. What a method answers is durable.
 */
export class Register {
  readonly state: DirectoryState;
  #writer: FencedWriter | undefined;
  readonly #turns = new Turns();

  constructor(private readonly parts: RegisterParts) {
    this.state = new DirectoryState(parts.table);
  }

  /** One decision after another, each on everything that was written before it. Rejects with what `decide` threw. */
  decide<T>(decide: (state: DirectoryState) => Decision<T>): Promise<T> {
    return this.#inTurn(async () => {
      const { change, act, answer, ends = false } = decide(this.state);
      const line = this.#lineOf(change, act);
      await this.#write([change, auditRecord(line), ...(await this.parts.publish(this.state, change, !ends))]);
      this.parts.onAct(line);
      return answer;
    });
  }

  /** Publishes what is known for another while. */
  renew(): Promise<void> {
    return this.#inTurn(async () => this.#write(await this.parts.publish(this.state, undefined, false)));
  }

  async close(): Promise<void> {
    await this.#turns.over();
    await this.#writer?.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(() => this.#withWriter(work));
  }

  /** Whoever was fenced meanwhile decides again, on what the other one wrote. */
  async #withWriter<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        if (this.#writer === undefined) {
          this.#writer = await this.parts.openWriter(); // first, so that nobody else writes between reading and writing
          await this.parts.table.caughtUp();
        }
        return await work();
      } catch (error) {
        const fenced = error instanceof FaultError && error.code === 'STREAM_FENCED';
        if (!fenced || tries >= MOST_TRIES) throw error;
      }
    }
  }

  async #write(changes: readonly (OutgoingRecord | Change)[]): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) throw new TypeError('nothing is written before the writer was opened');
    try {
      await writer.write(changes.map((change) => ('topic' in change ? change : this.#recordOf(change))));
      await this.parts.table.caughtUp();
    } catch (error) {
      // Whether it was written is unknown: the next decision reads everything again before it decides.
      this.#writer = undefined;
      await writer.close();
      throw error;
    }
  }

  #recordOf({ kind, id, record }: Change): OutgoingRecord {
    const value = Buffer.from(JSON.stringify(record));
    return { topic: this.parts.topic, key: keyOf(kind, id), partition: 0, value, headers: {} };
  }

  #lineOf({ kind, id, record }: Decision<unknown>['change'], act: Decision<unknown>['act']): Act {
    const before = this.state[kind](id);
    return {
      kind: 'policy',
      at: instant(this.parts.now()),
      ...act,
      subject: id,
      ...(before === undefined ? {} : { before: digestOf(before) }),
      after: digestOf(record),
    };
  }
}

const digestOf = (record: object): string => sha256Digest(canonicalize(record as unknown as JsonValue));
