import { setImmediate } from 'node:timers/promises';

const AT_ONCE_MILLISECONDS = 25;

/**
 * `items.map(work)` that lets others go first every 25 ms. Records that are costly on purpose, a whole chunk of them, could
 * otherwise keep the heartbeats back until the partitions are lost, and the health door shut.
 */
export async function paced<T, R>(items: readonly T[], work: (item: T, index: number) => R): Promise<R[]> {
  const done: R[] = [];
  let since = performance.now();
  for (const item of items) {
    done.push(work(item, done.length));
    if (performance.now() - since < AT_ONCE_MILLISECONDS) continue;
    await setImmediate();
    since = performance.now();
  }
  return done;
}
