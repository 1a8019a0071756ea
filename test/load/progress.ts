import type { Instance } from '../instance/instance.js';
import type { Progress } from './measure.js';

type Hop = readonly [group: string, topics: readonly string[]];

/**
 * Where two hops stand. The ingress topics hold records only, the topic between them also one marker a transaction and partition
 * (less than one in a hundred), so `done` is the second hop's offsets and `finished` allows one trailing marker a partition.
 */
export async function twoHops(instance: Instance, first: Hop, second: Hop): Promise<Progress> {
  const [one, two] = await Promise.all([first, second].map(([group, topics]) => instance.client.admin.groupLag(group, topics)));
  const left = (one ?? []).reduce((sum, lag) => sum + lag.lag, 0);
  const behind = (two ?? []).reduce((sum, lag) => sum + Math.max(0, lag.lag - 1), 0);
  const done = (two ?? []).reduce((sum, lag) => sum + Number(lag.committed ?? 0), 0);
  return { done, finished: done > 0 && left === 0 && behind === 0 };
}
