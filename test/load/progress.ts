import type { Instance } from '../instance/instance.js';
import type { Progress } from './measure.js';

type Hop = readonly [group: string, topics: readonly string[]];

/** Markers of transactions that may stand at the end of a partition, where no reader sees them: one of each input partition. */
const TRAILING_MARKERS = 9;

/**
 * Where hops stand that follow one another. The ingress topics hold records only, the topics between also one marker a transaction and
 * partition (about one in a hundred), so `done` is the last hop's offsets and `finished` allows for trailing markers.
 */
export async function hops(instance: Instance, first: Hop, ...others: readonly Hop[]): Promise<Progress> {
  const [one, ...rest] = await Promise.all(
    [first, ...others].map(([group, topics]) => instance.client.admin.groupLag(group, topics)),
  );
  const left = (one ?? []).reduce((sum, lag) => sum + lag.lag, 0);
  const behind = rest.flat().reduce((sum, lag) => sum + Math.max(0, lag.lag - TRAILING_MARKERS), 0);
  const done = (rest.at(-1) ?? []).reduce((sum, lag) => sum + Number(lag.committed ?? 0), 0);
  return { done, finished: done > 0 && left === 0 && behind === 0 };
}
