import type { Member } from '#record';
import type { Logger, Metrics } from '#telemetry';
import type { CallerGate } from './caller-gate.js';
import type { ContentDoor } from './contents/content-door.js';
import type { HandOver } from './hand-over.js';
import type { Mapping } from './mapping/mapping-file.js';
import type { Questions } from './questions/questions.js';
import type { RateLimit } from './quota.js';
import type { OutcomeStore } from './store/outcome-store.js';

/** Everything the doors need, put together in main.ts or by a test. */
export interface Parts {
  readonly member: Member;
  readonly gate: CallerGate;
  readonly mappings: ReadonlyMap<string, Mapping>;
  readonly handOver: HandOver;
  /** Where there is a quota: what answers say of it. */
  readonly rateLimit?: RateLimit;
  /** Absent where the adapter knows no directory. */
  readonly questions?: Questions;
  readonly store: OutcomeStore;
  /** Where contents are kept that are too large for records; absent: nowhere. */
  readonly contents?: ContentDoor;
  /** The name of the outcomes topic, which cursors are bound to. */
  readonly outcomesTopic: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => Date;
  /** Aborted when the service stops: whoever waits is answered. */
  readonly stopping: AbortSignal;
}

/** The injection token of {@link Parts}. */
export const PARTS = Symbol('parts of the agency adapter');
