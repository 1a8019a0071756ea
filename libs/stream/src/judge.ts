import { FAULTS, type FaultCode, FaultError } from '#faults';
import type { ReceivedRecord, Verdict } from '#record';
import { type Bury, buried } from './bury.js';
import type { Handled } from './on-records.js';

/** Calls the handler of a role; never rejects. */
export type CaughtHandler = (batch: readonly ReceivedRecord[]) => Promise<Handled>;

export interface JudgeOptions {
  readonly handler: CaughtHandler;
  /** How often a chunk is tried before the culprit is looked for record by record. */
  readonly attempts: number;
  /** Waits before the next attempt; settles early when the partition is given up. */
  readonly pause: (attempt: number) => Promise<void>;
  /** Called for each record that a defect killed. */
  readonly bury?: Bury | undefined;
  /** Told of every throw; it must not log the message, which may quote a record. */
  readonly onDefect: (thrown: unknown, records: readonly ReceivedRecord[]) => void;
}

/** The judgement of a chunk, or the fault of a broken dependency: then nothing of it was decided and it must wait. */
export type Judged = { readonly verdicts: readonly Verdict[] } | { readonly wait: FaultCode };

/**
 * Gets one verdict for each record. A throw is a defect: the chunk is tried a bounded number of times, then record by record, so that
 * the culprit alone becomes a dead letter with STREAM_DEFECT and its neighbours go on. A thrown FaultError whose fault is worth
 * retrying is no defect: it says that a dependency is away, and is never answered with a dead letter.
 */
export async function judge(records: readonly ReceivedRecord[], options: JudgeOptions): Promise<Judged> {
  for (let attempt = 1; attempt <= options.attempts; attempt += 1) {
    const judged = await once(records, options);
    if (judged !== undefined) return judged;
    await options.pause(attempt);
  }
  if (records.length === 1) return { verdicts: [await buried(records[0] as ReceivedRecord, 'STREAM_DEFECT', options.bury)] };
  const verdicts: Verdict[] = [];
  for (const record of records) {
    const judged = (await once([record], options)) ?? { verdicts: [await buried(record, 'STREAM_DEFECT', options.bury)] };
    if ('wait' in judged) {
      // What is before this record was decided and may commit; this one and the rest wait.
      const undecided: Verdict = { kind: 'retry', fault: judged.wait };
      return verdicts.length === 0 ? judged : { verdicts: [...verdicts, ...records.slice(verdicts.length).map(() => undecided)] };
    }
    verdicts.push(...judged.verdicts);
  }
  return { verdicts };
}

/** One call; undefined where the handler threw or miscounted. */
async function once(records: readonly ReceivedRecord[], { handler, onDefect }: JudgeOptions): Promise<Judged | undefined> {
  const handled = await handler(records);
  if ('thrown' in handled) {
    const { thrown } = handled;
    if (thrown instanceof FaultError && FAULTS[thrown.code].retry) return { wait: thrown.code };
    onDefect(thrown, records);
    return undefined;
  }
  if (Array.isArray(handled.verdicts) && handled.verdicts.length === records.length) return { verdicts: handled.verdicts };
  onDefect(new RangeError('the handler gave another number of verdicts than it got records'), records);
  return undefined;
}
