import type { Ledger } from '../flow/ledger.js';
import type { Road } from './road.js';
import type { StageName } from './stages.js';

/** What a scenario works with. */
export interface Tools {
  /** In [0, 1), from the printed seed. */
  readonly random: () => number;
  readonly tell: (what: string) => void;
  /** What was sent in this scenario so far. */
  readonly ledger: Ledger;
  /** The number of the first subject that no sender uses. */
  readonly subject: number;
  /** Waits until it holds. Throws after `seconds` (120). */
  until(what: string, holds: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
  /** Waits until records come out at the end of the road again. Throws after `seconds` (120). */
  moves(seconds?: number): Promise<void>;
  pause(ms: number): Promise<void>;
  /** Says what should have been otherwise; the scenario fails. */
  wrong(what: string): void;
}

/** One way to disturb the road. */
export interface Scenario {
  readonly name: string;
  /** Its numbers in the list of faults (reference/reliability.md 7.4). */
  readonly faults: readonly number[];
  /** One line: what is done. */
  readonly what: string;
  readonly stage: StageName;
  /** Why it cannot be made on this machine; undefined where it can. */
  readonly without?: () => string | undefined;
  /** Disturbs once, while agencies send. When it is over, everything runs. */
  disturb(road: Road, tools: Tools): Promise<void>;
  /** What must hold besides the count, once everything has come out. */
  after?(road: Road, tools: Tools): Promise<void>;
}
