import type { FaultReport } from '#faults';
import type { OutcomeKind } from '#record';
import type { Known } from './outcome-store.js';

/** What became of an event: it is on the road, or has one of the outcomes. */
export type Status = 'accepted' | OutcomeKind;

/** One thing that happened to an event. */
export interface Step {
  readonly status: Status;
  readonly at: string;
  readonly ingress: string;
  readonly type?: string;
  readonly faults?: readonly FaultReport[];
  readonly warnings?: readonly FaultReport[];
  readonly jti?: string;
}

/** The answer to "what became of this id?". */
export interface Fate {
  readonly status: Status;
  readonly type?: string;
  readonly faults?: readonly FaultReport[];
  readonly warnings?: readonly FaultReport[];
  readonly jti?: string;
  /** Oldest sending first; of one sending, the door before the road. */
  readonly history: readonly Step[];
}

/**
 * The fate of an event that may have been sent several times: that of its latest sending. A duplicate has the fate of what it
 * repeats, since nothing happened to it on its own. What was sealed and then rejected, since it never came into the log, is rejected.
 * Undefined where nothing is known.
 */
export function fateOf({ accepted, outcomes }: Known): Fate | undefined {
  const history: Step[] = [
    ...accepted.map(({ at, ingress, type }) => ({ status: 'accepted' as const, at, ingress, type })),
    ...outcomes.map(({ kind, at, ingress, type, faults, warnings, jti }) => ({
      status: kind,
      at,
      ingress,
      ...(type === undefined ? {} : { type }),
      ...(faults === undefined ? {} : { faults }),
      ...(warnings === undefined ? {} : { warnings }),
      ...(jti === undefined ? {} : { jti }),
    })),
  ].sort(bySendingThenStage);
  const decisive = decisiveOf(history);
  if (decisive === undefined) return undefined;
  const { status, type, faults, warnings, jti } = decisive;
  return {
    status,
    ...(type === undefined ? {} : { type }),
    ...(faults === undefined ? {} : { faults }),
    ...(warnings === undefined ? {} : { warnings }),
    ...(jti === undefined ? {} : { jti }),
    history,
  };
}

function decisiveOf(history: readonly Step[]): Step | undefined {
  const latest = history.at(-1);
  if (latest?.status !== 'duplicate') return latest;
  const repeated = history.filter(({ ingress }) => !history.some((step) => step.ingress === ingress && isNoEvent(step)));
  const lasts = repeated.filter((step, i) => repeated[i + 1]?.ingress !== step.ingress);
  return lasts.findLast(({ status }) => status === 'sealed') ?? lasts.at(-1) ?? latest;
}

/** Whether this sending changed nothing: it repeated or contradicted an earlier one. */
const isNoEvent = ({ status }: Step) => status === 'duplicate' || status === 'conflict';

/** Only the ledger rejects what was sealed, by a clock of its own: of one sending that is always the last word. */
const STAGE: Readonly<Record<Status, number>> = { accepted: 0, duplicate: 1, conflict: 1, sealed: 1, rejected: 2 };

function bySendingThenStage(a: Step, b: Step): number {
  const [left, right] = [offsetOf(a.ingress), offsetOf(b.ingress)];
  if (topicOf(a.ingress) === topicOf(b.ingress) && left !== right) return left < right ? -1 : 1;
  if (a.ingress === b.ingress) return STAGE[a.status] - STAGE[b.status] || a.at.localeCompare(b.at);
  return a.at.localeCompare(b.at);
}
const topicOf = (ingress: string) => ingress.slice(0, ingress.lastIndexOf('/'));
const offsetOf = (ingress: string) => {
  const text = ingress.slice(ingress.lastIndexOf('/') + 1);
  return /^[0-9]{1,19}$/.test(text) ? BigInt(text) : 0n;
};
