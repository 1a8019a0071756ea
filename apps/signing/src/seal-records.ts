import { type Sealed, type Sealer, type SealInput, sealAll, sealDisclosable } from '#envelope';
import { type FaultReport, faultReport } from '#faults';
import type { ReceivedRecord, RecordType, Verdict } from '#record';
import { type ReadRecord, readValidated, type UnreadRecord } from './steps/read-validated.js';
import type { SelfCheck } from './steps/self-check.js';
import { acceptedVerdict, deadVerdict, sealedRecord } from './steps/write-sealed.js';

/** What sealing needs beside the records. */
export interface SealingDesk {
  readonly sealer: Sealer;
  readonly selfCheck: SelfCheck;
  /** The record types whose envelopes let each consumer be given its own fields only (RFC 9901); the others show the whole record. */
  readonly disclosable?: ReadonlySet<RecordType>;
  readonly now: () => Date;
  /** Told how long each step of a chunk took, and of every record that was sealed. */
  readonly observe: SealingObserver;
  /** Called once when an envelope of our own does not verify; from then on nothing is sealed. */
  readonly onBroken: (fault: FaultReport) => void;
}

export interface SealingObserver {
  /** Starts a step; the returned function ends it. */
  step(name: StepName): () => void;
  /** Told of a chunk: how many came, which faults were found, and how long ago each sealed record had come in, in seconds. */
  handled(type: RecordType, received: number, faults: readonly FaultReport[], seconds: readonly number[]): void;
}

export type StepName = 'read' | 'seal' | 'self-check';

/** Turns chunks of validated records into verdicts. */
export interface RecordSealing {
  seal(batch: readonly ReceivedRecord[]): Promise<readonly Verdict[]>;
  /** False once an envelope of our own did not verify. */
  trusted(): boolean;
}

/**
 * The way of a validated record into its envelope: read it, seal it, verify a sample of what was made, hand it on. One verdict for
 * each record, in order. A record that cannot be sealed is a dead letter with SEAL_INPUT. Throws KEY_STORE_UNAVAILABLE while the
 * key does not sign: the records wait. An envelope of our own that does not verify ends sealing with SEAL_SELF_CHECK: then
 * nothing of its chunk, and nothing after it, is written.
 */
export function recordSealing(desk: SealingDesk): RecordSealing {
  let broken = false;

  async function seal(batch: readonly ReceivedRecord[]): Promise<readonly Verdict[]> {
    if (broken) return refusal(batch);
    const at = desk.now();
    const records = await timed('read', async () => batch.map(readValidated));
    const envelopes = await timed('seal', () => sealedBy(desk, records.flatMap(inputOf), at));
    const verdicts = conclude(batch, records, envelopes, at);
    const fault = await timed('self-check', async () => firstFault(verdicts, at));
    if (fault !== undefined && !broken) {
      broken = true;
      desk.onBroken(fault);
    }
    if (broken) return refusal(batch); // also when another partition's chunk found it in the meantime
    report(desk, records, verdicts);
    return verdicts;
  }

  function firstFault(verdicts: readonly Verdict[], at: Date): FaultReport | undefined {
    for (const verdict of verdicts) {
      const outputs = verdict.kind === 'accepted' ? verdict.outputs : [];
      for (const output of outputs) {
        const fault = desk.selfCheck(output, at);
        if (fault !== undefined) return fault;
      }
    }
    return undefined;
  }

  async function timed<T>(name: StepName, work: () => Promise<T>): Promise<T> {
    const stop = desk.observe.step(name);
    try {
      return await work();
    } finally {
      stop();
    }
  }

  return { seal, trusted: () => !broken };
}

/** A chunk comes from one topic, so it has one type and one profile. */
function sealedBy({ sealer, disclosable }: SealingDesk, inputs: readonly SealInput[], at: Date): Promise<readonly Sealed[]> {
  const type = inputs[0]?.terms.schema.subject;
  if (type === undefined || disclosable?.has(type) !== true) return sealAll(inputs, sealer, at);
  return Promise.all(inputs.map((input) => sealDisclosable(input, sealer, at)));
}

const inputOf = (one: ReadRecord | UnreadRecord): SealInput[] => (one.ok ? [one.input] : []);

/** One verdict for each record; `sealed` has one entry for each record that could be read. */
function conclude(
  batch: readonly ReceivedRecord[],
  records: readonly (ReadRecord | UnreadRecord)[],
  sealed: readonly Sealed[],
  at: Date,
): Verdict[] {
  const next = sealed.values();
  return records.map((record, i): Verdict => {
    if (!record.ok) return deadVerdict(record, record.fault, at);
    const one = next.next().value;
    const received = batch[i];
    if (one === undefined || received === undefined) throw new RangeError('there must be one envelope for each record');
    if (!one.ok) return deadVerdict({ origin: record.origin, event: eventOf(record) }, one.fault, at);
    return acceptedVerdict(sealedRecord(record, received, one.envelope, one.statement), record, one.statement, at);
  });
}

function eventOf({ input }: ReadRecord): UnreadRecord['event'] {
  const { id, source, type } = input.event;
  return { id, source, type };
}

function report(desk: SealingDesk, records: readonly (ReadRecord | UnreadRecord)[], verdicts: readonly Verdict[]): void {
  const now = desk.now().getTime();
  const [type] = records.flatMap((record) => (record.ok ? [record.type] : []));
  if (type === undefined) return; // a chunk comes from one topic, so it has one type or nothing that can be read
  const faults = verdicts.flatMap((verdict) => (verdict.kind === 'dead' ? [faultReport(verdict.fault)] : []));
  const seconds = records.flatMap((record, i) =>
    record.ok && verdicts[i]?.kind === 'accepted' ? [(now - Date.parse(record.origin.received)) / 1000] : [],
  );
  desk.observe.handled(type, records.length, faults, seconds);
}

const refusal = (batch: readonly ReceivedRecord[]): Verdict[] => batch.map(() => ({ kind: 'retry', fault: 'SEAL_SELF_CHECK' }));
