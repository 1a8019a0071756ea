import { describeError, type Logger } from '#telemetry';
import type { OutcomeStore } from './store/outcome-store.js';

const DAY = 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;

/** Deletes what is older than `days` now and then every hour. Gives a function that ends it and waits for a sweep under way. */
export function sweepStore(store: OutcomeStore, days: number, now: () => Date, log: Logger): () => Promise<void> {
  let sweeping: Promise<void> | undefined;
  const sweep = () => {
    sweeping ??= store
      .sweep(new Date(now().getTime() - days * DAY))
      .then(
        (gone) => log.debug('store swept', { gone }),
        (error: unknown) => log.error('the store could not be swept', describeError(error)),
      )
      .finally(() => {
        sweeping = undefined;
      });
  };
  sweep();
  const timer = setInterval(sweep, HOUR);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}
