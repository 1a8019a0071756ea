import type { RecordType, Verdict } from '#record';
import type { Metrics } from '#telemetry';

/**
 * Counts what was decided of one chunk. A chunk whose transaction fails is judged and counted again: the counters tell of work
 * done, the topics of records.
 */
export function count(metrics: Metrics, type: RecordType, verdicts: readonly Verdict[]): void {
  const labels = { record_type: type };
  const rejected = new Map<string, number>();
  const kinds = { accepted: 0, rejected: 0, duplicate: 0, conflict: 0, retry: 0, dead: 0 };
  for (const verdict of verdicts) {
    kinds[verdict.kind] += 1;
    if (verdict.kind !== 'rejected') continue;
    const fault = verdict.outcome.outcome.faults?.[0]?.code ?? 'STREAM_DEFECT';
    rejected.set(fault, (rejected.get(fault) ?? 0) + 1);
  }
  metrics.received.inc(labels, verdicts.length);
  if (kinds.accepted > 0) metrics.accepted.inc(labels, kinds.accepted);
  for (const [fault, records] of rejected) metrics.rejected.inc({ ...labels, fault }, records);
  if (kinds.duplicate > 0) metrics.duplicates.inc({ ...labels, kind: 'duplicate' }, kinds.duplicate);
  if (kinds.conflict > 0) metrics.duplicates.inc({ ...labels, kind: 'conflict' }, kinds.conflict);
  metrics.lastRecord.setToCurrentTime(labels);
}
