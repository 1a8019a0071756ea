import type { Logger, Metrics } from '#telemetry';
import type { ContentStore } from './content-store.js';
import type { SpentPermits } from './spent-permits.js';

/** What the doors for contents take. */
export interface ContentDoor {
  readonly store: ContentStore;
  readonly permits: SpentPermits;
  readonly metrics: Pick<Metrics, 'contentsGiven' | 'contentsReceived'>;
  readonly log: Pick<Logger, 'info' | 'error'>;
  /** In which window the least must move, in milliseconds; 30 seconds where absent. */
  readonly windowMs?: number;
}
