import process from 'node:process';

/** The moments between which a crash must cost nothing. */
export type CrashPoint =
  | 'after-read'
  | 'after-produce'
  | 'after-commit'
  // Of the ledger: tiles on disk, decision taken, checkpoint signed.
  | 'after-tiles'
  | 'after-decision'
  | 'after-checkpoint'
  // Of delivery: an initial load is about to be told complete; a webhook has answered.
  | 'at-load-end'
  | 'after-post';

let seen = 0;

/**
 * Ends the process with SIGKILL at the point that `KHIDI_CRASH_AT` names, the `KHIDI_CRASH_NTH` time it is passed (by default the
 * first). For tests only: nothing happens unless NODE_ENV is `test`.
 */
export function crashPoint(point: CrashPoint): void {
  if (process.env.NODE_ENV !== 'test' || process.env.KHIDI_CRASH_AT !== point) return;
  seen += 1;
  if (seen === Number(process.env.KHIDI_CRASH_NTH ?? '1')) process.kill(process.pid, 'SIGKILL');
}
