import type { FaultCode } from '#faults';
import type { WireRecord } from '#stream';
import type { Loading } from './loading.js';

/** A lane that goes over what it has delivered before. By partition of the sealed topic: everything before `until` is a repeat. */
export interface Replaying {
  /** Stands beside each delivery of it. */
  readonly id: string;
  readonly until: ReadonlyMap<number, bigint>;
  /** Only what this agreement gives. */
  readonly agreement?: string;
}

/** What somebody wants a lane to go back to, and whom to tell how far that got. */
export interface GoBack {
  readonly id: string;
  /** By partition: where to begin; the others go on where they are. */
  readonly starts: ReadonlyMap<number, bigint>;
  readonly agreement?: string;
  /** Present where this is an initial load once more. */
  readonly loading?: Loading;
  /** Written in the transaction that goes back. */
  readonly records: readonly WireRecord[];
  readonly answer: (fault: FaultCode | undefined) => void;
}

/** The id of the replay that the record at an offset belongs to; undefined where it comes for the first time. */
export function replayAt(replaying: Replaying | undefined, partition: number, offset: bigint): string | undefined {
  return offset < (replaying?.until.get(partition) ?? 0n) ? replaying?.id : undefined;
}

/** The replay as long as some partition has not come to its end. */
export function ongoing(replaying: Replaying | undefined, positions: ReadonlyMap<number, bigint>): Replaying | undefined {
  const left = [...(replaying?.until ?? [])].some(([partition, until]) => (positions.get(partition) ?? until) < until);
  return left ? replaying : undefined;
}
