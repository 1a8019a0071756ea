import type { ServiceProcess } from '../instance/service-process.js';
import type { Road } from './road.js';
import type { Senders } from './senders.js';

/** What a provocation works with. */
export interface Provoking {
  readonly senders: Senders;
  pause(ms: number): Promise<void>;
  /** Has one more service watched. */
  watch(kind: string, service: ServiceProcess): void;
  /** Waits until all alerts of this provocation have fired, or for too long: `seconds`, 45 where nothing is said. */
  fired(seconds?: number): Promise<void>;
}

/** What makes some alerts fire, and mends it again. */
export interface Provocation {
  readonly alerts: readonly string[];
  readonly what: string;
  provoke(road: Road, tools: Provoking): Promise<void>;
}
