import type { FaultCode } from '#faults';
import { type LoadMark, loadMarkRecord } from '#record';
import type { LaneName } from '../steps/rule.js';

/** An initial load under way. By partition of the sealed topic: everything before `until` is part of it. */
export interface Loading {
  /** Stands beside each delivery of it. */
  readonly id: string;
  readonly until: ReadonlyMap<number, bigint>;
  /** When it was fixed how far it goes (RFC 3339). */
  readonly begun: string;
}

/** An initial load that is complete, and when it began. */
export interface Loaded extends LoadMark {
  readonly begun: string;
}

/** How a lane began, and how far its last initial load is. */
export type LoadState =
  /** The first load goes on, or one that was asked for later: so many offsets of the sealed topic are before it. */
  | {
      readonly state: 'loading';
      readonly load: string;
      readonly begun: string;
      readonly left: number;
      readonly waits?: FaultCode;
    }
  | { readonly state: 'complete'; readonly load: string; readonly begun: string; readonly at: string; readonly through: number }
  /** Changes only, from this instant on. */
  | { readonly state: 'changes'; readonly begun: string }
  /** The lane was opened before loads were told. */
  | { readonly state: 'untold' };

/** The id of the load that the record at an offset is part of; undefined where it is a change that came later. */
export function loadAt(loading: Loading | undefined, partition: number, offset: bigint): string | undefined {
  return offset < (loading?.until.get(partition) ?? 0n) ? loading?.id : undefined;
}

/** What of a lane's state is about loads. */
interface OfLoads {
  readonly loading?: Loading;
  readonly loaded?: Loaded;
  readonly changes?: string;
}

/** Whether a load goes on of which nothing is before these positions any more. */
export function isLoaded({ loading }: OfLoads, positions: ReadonlyMap<number, bigint>): boolean {
  return loading !== undefined && leftOf(loading, positions) === 0;
}

/** What says that the load is complete: to the consumer on its topic, and to ourselves in the same transaction. */
export function loadedAt({ consumer, type }: LaneName, { loading }: OfLoads, through: number, now: Date) {
  const { id: load = '', begun = '' } = loading ?? {};
  const mark = { load, through, at: now.toISOString() };
  return { state: { ...mark, begun }, records: [loadMarkRecord(consumer, type, mark)] };
}

/** What can be told of a lane's loads at these positions. */
export function loadState(
  { loading, loaded, changes }: OfLoads,
  positions: ReadonlyMap<number, bigint>,
  waits: FaultCode | undefined,
): LoadState {
  if (loading !== undefined) {
    const { id: load, begun } = loading;
    const left = leftOf(loading, positions);
    return { state: 'loading', load, begun, left, ...(waits === undefined ? {} : { waits }) };
  }
  if (loaded !== undefined) return { state: 'complete', ...loaded };
  return changes === undefined ? { state: 'untold' } : { state: 'changes', begun: changes };
}

/** How many offsets are before the end of the load; 0: it is complete. */
function leftOf({ until }: Loading, positions: ReadonlyMap<number, bigint>): number {
  return [...until].reduce((sum, [partition, end]) => sum + Math.max(0, Number(end - (positions.get(partition) ?? 0n))), 0);
}
