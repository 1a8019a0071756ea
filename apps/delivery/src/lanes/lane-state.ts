import { FaultError } from '#faults';
import type { Replaying } from './replaying.js';

/** How far one lane is. */
export interface LaneState {
  /** The number of the last delivery; 0 before the first. */
  readonly number: number;
  /** By partition of the sealed topic: the next offset to decide on. */
  readonly next: ReadonlyMap<number, bigint>;
  /** Present while it goes over what it delivered before. */
  readonly replaying?: Replaying;
}

/** A lane that has decided nothing yet: it begins with the oldest record that is kept. */
export const firstState: LaneState = { number: 0, next: new Map() };

/** The value bytes of a state (JSON, UTF-8). */
export function encodeLaneState({ number, next, replaying }: LaneState): Buffer {
  const again = replaying === undefined ? {} : { replaying: { ...replaying, until: writtenOffsets(replaying.until) } };
  return Buffer.from(JSON.stringify({ number, next: writtenOffsets(next), ...again }));
}

const writtenOffsets = (offsets: ReadonlyMap<number, bigint>) =>
  Object.fromEntries([...offsets].map(([partition, offset]) => [partition, String(offset)]));

const OFFSET = /^(0|[1-9][0-9]{0,18})$/;

/** Reads what {@link encodeLaneState} wrote. Throws DELIVERY_STATE_UNREADABLE: a lane that forgot its numbers must not go on. */
export function decodeLaneState(value: Buffer, lane: string): LaneState {
  try {
    const { number, next, replaying } = JSON.parse(value.toString('utf8')) as Record<string, unknown>;
    const positions = readOffsets(next);
    const again = replaying === undefined ? {} : { replaying: readReplaying(replaying) };
    if (Number.isSafeInteger(number) && Number(number) >= 0) return { number: number as number, next: positions, ...again };
  } catch {
    // not JSON, or of another form: told below
  }
  throw new FaultError('DELIVERY_STATE_UNREADABLE', lane);
}

/** Throws a TypeError for anything else than offsets by partition. */
function readOffsets(written: unknown): ReadonlyMap<number, bigint> {
  const entries = Object.entries(written as Record<string, unknown>);
  if (!entries.every(([partition, offset]) => /^\d+$/.test(partition) && OFFSET.test(String(offset)))) throw new TypeError();
  return new Map(entries.map(([partition, offset]) => [Number(partition), BigInt(String(offset))]));
}

function readReplaying(written: unknown): Replaying {
  const { id, until, agreement } = written as Record<string, unknown>;
  if (typeof id !== 'string' || (agreement !== undefined && typeof agreement !== 'string')) throw new TypeError();
  return { id, until: readOffsets(until), ...(agreement === undefined ? {} : { agreement }) };
}
