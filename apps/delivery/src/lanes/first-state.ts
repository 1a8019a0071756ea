import { randomUUID } from 'node:crypto';
import { changesSince, type Policy } from '#policy';
import { sealedTopic } from '#record';
import type { PartitionEnd, StreamAdmin } from '#stream';
import type { Watermarks } from '../sealed/watermarks.js';
import type { LaneName } from '../steps/rule.js';
import type { LaneState } from './lane-state.js';
import type { Loading } from './loading.js';

/** What fixing the beginning of a lane takes. */
export interface BeginParts {
  readonly admin: Pick<StreamAdmin, 'offsetsSince'>;
  readonly watermarks: Pick<Watermarks, 'next' | 'caughtUp'>;
  readonly now: () => Date;
}

/**
 * Where a lane that is opened for the first time begins. Where some agreement gives the registry first: with the oldest record that is kept, and
 * all that the ledger has covered by now is the initial load. Where all of them give changes only: with what was sealed since
 * the first of them was in force, or from now on while none is.
 */
export async function firstState(
  { consumer, type }: LaneName,
  policy: Policy,
  ends: readonly PartitionEnd[],
  { admin, watermarks, now }: BeginParts,
): Promise<LaneState> {
  const since = changesSince(policy, consumer, type);
  if (since === undefined) {
    const next = new Map(ends.map(({ partition, start }) => [partition, BigInt(start)]));
    return { number: 0, next, loading: await loadUntilNow(randomUUID(), type, ends, { watermarks, now }) };
  }
  const from = Math.min(since, now().getTime());
  const later = await admin.offsetsSince(sealedTopic(type), from);
  const next = new Map(ends.map(({ partition, high }) => [partition, BigInt(high) - (later.get(partition) ?? 0n)]));
  return { number: 0, next, changes: new Date(from).toISOString() };
}

/** A load of everything that the ledger has covered by now. Throws STREAM_UNAVAILABLE where that cannot be told. */
export async function loadUntilNow(
  id: string,
  type: LaneName['type'],
  ends: readonly PartitionEnd[],
  { watermarks, now }: Pick<BeginParts, 'watermarks' | 'now'>,
): Promise<Loading> {
  await watermarks.caughtUp();
  const until = new Map(ends.map(({ partition }) => [partition, watermarks.next(sealedTopic(type), partition)]));
  return { id, until, begun: now().toISOString() };
}
