import { setTimeout as pause } from 'node:timers/promises';
import { FaultError } from '#faults';
import type { OutgoingRecord } from '#record';
import type { FencedWriter } from '#stream';
import { describeError, type Logger } from '#telemetry';
import { RegistryError } from '../registry-error.js';

/** What a change writes and what its caller is told once it is durable. */
export interface Written<T> {
  readonly records: readonly OutgoingRecord[];
  readonly result: T;
}

/** A change that waits for its turn. */
export interface Change<T> {
  /** Changes of different subjects may share a transaction; one without a subject has a transaction of its own. */
  readonly subject?: string;
  /** Called when nobody else can write and everything that was written before is known. What it throws is the answer. */
  decide(): Written<T>;
}

/** What the writer works with. */
export interface WriterParts {
  /** Opens the only writer there may be; every older one is fenced from then on. */
  readonly open: () => Promise<FencedWriter>;
  readonly caughtUp: () => Promise<void>;
  readonly log: Logger;
  /** Called before and after the decisions of one transaction, whose ids must differ. */
  readonly onBatch: () => void;
}

const PATIENCE_MS = 15_000;
const MOST_CHANGES = 100;
/** A transaction's share of the topic must fit into one produce request (2 MiB) together with the audit. */
const MOST_BYTES = 1024 * 1024;
/** Whoever lost the right to write leaves it to the other for a while, so that each gets something done. */
const TENURE_MS = 200;
const MOST_TENURES = 5;

interface Waiting {
  readonly change: Change<unknown>;
  readonly since: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes changes one transaction after another. Whoever begins to write fences whoever wrote before, then reads everything that was
 * written, then decides: so a decision always rests on all that is durable. Losing the right to write in between costs a
 * repetition, never a wrong decision: the transaction of a fenced writer is refused whole.
 */
export class Writer {
  #writer: FencedWriter | undefined;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(private readonly parts: WriterParts) {}

  /**
   * Resolves once the change is durable and readable here. Rejects with what `decide` threw, or with 50301 where Kafka does not let us
   * write within 15 s; then whether it was written is unknown, and repeating the request shows.
   */
  submit<T>(change: Change<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ change, since: Date.now(), resolve: resolve as (result: unknown) => void, reject });
      if (!this.#busy) void this.#work();
    });
  }

  /** Fences every other writer and waits for the end of its last transaction. */
  async takeOver(): Promise<void> {
    await this.submit({ decide: () => ({ records: [], result: undefined }) });
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (let attempt = 0; this.#waiting.length > 0; ) {
        const batch = this.#next();
        const error = await this.#commit(batch).then(
          () => undefined,
          (reason: unknown) => ({ reason }),
        );
        attempt = error === undefined ? 0 : attempt + 1;
        if (error !== undefined) await this.#again(batch, error.reason, attempt);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** The next changes that do not depend on each other. */
  #next(): Waiting[] {
    const [first] = this.#waiting;
    if (first === undefined) return [];
    if (first.change.subject === undefined) return this.#waiting.splice(0, 1);
    const subjects = new Set<string>();
    const batch: Waiting[] = [];
    const later: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { subject } = waiting.change;
      const isFree = later.length === 0 || later.every(({ change }) => change.subject !== undefined);
      if (subject === undefined || subjects.has(subject) || batch.length >= MOST_CHANGES || !isFree) later.push(waiting);
      else {
        subjects.add(subject);
        batch.push(waiting);
      }
    }
    this.#waiting = later;
    return batch;
  }

  /** What is left in `batch` when this throws has no answer yet. */
  async #commit(batch: Waiting[]): Promise<void> {
    const { open, caughtUp, onBatch } = this.parts;
    this.#writer ??= await open(); // first, so that nobody else writes between reading and writing
    await caughtUp();
    onBatch();
    const records: OutgoingRecord[] = [];
    const decided: { readonly waiting: Waiting; readonly result: unknown }[] = [];
    let bytes = 0;
    for (let waiting = batch.shift(); waiting !== undefined; waiting = bytes > MOST_BYTES ? undefined : batch.shift()) {
      try {
        const { records: own, result } = waiting.change.decide();
        for (const { value } of own) bytes += value?.length ?? 0;
        records.push(...own);
        decided.push({ waiting, result });
      } catch (error) {
        waiting.reject(error);
      }
    }
    this.#waiting.unshift(...batch.splice(0)); // what did not fit
    batch.push(...decided.map(({ waiting }) => waiting));
    if (records.length > 0) {
      await this.#writer.write(records);
      await caughtUp();
    }
    for (const { waiting, result } of decided) waiting.resolve(result);
  }

  /** Puts a batch back whose fate is unknown: deciding anew, after everything was read, shows what became of it. */
  async #again(batch: readonly Waiting[], error: unknown, attempt: number): Promise<void> {
    this.#writer = undefined;
    const { log } = this.parts;
    if (error instanceof FaultError && error.code === 'STREAM_FENCED') log.info('another instance has written meanwhile');
    else log.warn('schemas could not be written', describeError(error));
    const late = batch.filter(({ since }) => Date.now() - since > PATIENCE_MS);
    for (const { reject } of late) reject(awayOr(error));
    this.#waiting.unshift(...batch.filter((waiting) => !late.includes(waiting)));
    await pause(TENURE_MS * (1 + 2 * Math.random()) * Math.min(attempt, MOST_TENURES));
  }
}

function awayOr(error: unknown): unknown {
  if (error instanceof FaultError && error.code === 'STREAM_RECORD_TOO_LARGE') {
    return new RegistryError(42209, 'The schema is larger than Kafka accepts.');
  }
  return new RegistryError(50301, 'Kafka does not answer; whether it was written is unknown. Repeat the same request.');
}
