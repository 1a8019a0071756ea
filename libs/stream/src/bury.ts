import { FAULTS, type FaultCode, FaultError } from '#faults';
import type { MemberOutcome, ReceivedRecord, Verdict } from '#record';
import { wireSize } from './size.js';

/**
 * Called before a record of a chunk is given up for good (STREAM_DEFECT, STREAM_RECORD_TOO_LARGE) and becomes a dead letter: gives what its
 * member is told, and lets go of what the service holds for the record. A thrown FaultError worth retrying makes the record wait.
 */
export type Bury = (record: ReceivedRecord, fault: FaultCode) => MemberOutcome | undefined | Promise<MemberOutcome | undefined>;

/** The verdict on a record that is given up, or the fault of what must come back before that can be decided. */
export async function buried(record: ReceivedRecord, fault: FaultCode, bury: Bury | undefined): Promise<Verdict> {
  try {
    const outcome = await bury?.(record, fault);
    return { kind: 'dead', fault, ...(outcome === undefined ? {} : { outcome }) };
  } catch (error) {
    if (error instanceof FaultError && FAULTS[error.code].retry) return { kind: 'retry', fault: error.code };
    return { kind: 'dead', fault }; // not even its outcome can be told: the record is kept all the same
  }
}

/**
 * Gives up accepted records whose writes no topic takes: those larger than `recordBytes`, and those that the broker itself
 * found too large (`refused`). It would refuse them for ever, and the partition must move on.
 */
export async function buryTooLarge(
  records: readonly ReceivedRecord[],
  verdicts: readonly Verdict[],
  options: { readonly recordBytes: number; readonly refused: ReadonlySet<string>; readonly bury: Bury | undefined },
): Promise<Verdict[]> {
  const settled = [...verdicts];
  for (let i = 0; i < verdicts.length; i += 1) {
    const record = records[i];
    const verdict = verdicts[i];
    if (record !== undefined && verdict !== undefined && isTooLarge(record, verdict, options))
      settled[i] = await buried(record, 'STREAM_RECORD_TOO_LARGE', options.bury);
  }
  return settled;
}

function isTooLarge(
  record: ReceivedRecord,
  verdict: Verdict,
  { recordBytes, refused }: { readonly recordBytes: number; readonly refused: ReadonlySet<string> },
): boolean {
  if (verdict.kind !== 'accepted') return false;
  return refused.has(record.offset) || verdict.outputs.some((output) => wireSize(output) > recordBytes);
}
