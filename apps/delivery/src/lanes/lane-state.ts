import { FaultError } from '#faults';

/** How far one lane is. */
export interface LaneState {
  /** The number of the last delivery; 0 before the first. */
  readonly number: number;
  /** By partition of the sealed topic: the next offset to decide on. */
  readonly next: ReadonlyMap<number, bigint>;
}

/** A lane that has decided nothing yet: it begins with the oldest record that is kept. */
export const firstState: LaneState = { number: 0, next: new Map() };

/** The value bytes of a state (JSON, UTF-8). */
export function encodeLaneState({ number, next }: LaneState): Buffer {
  const written = Object.fromEntries([...next].map(([partition, offset]) => [partition, String(offset)]));
  return Buffer.from(JSON.stringify({ number, next: written }));
}

const OFFSET = /^(0|[1-9][0-9]{0,18})$/;

/** Reads what {@link encodeLaneState} wrote. Throws DELIVERY_STATE_UNREADABLE: a lane that forgot its numbers must not go on. */
export function decodeLaneState(value: Buffer, lane: string): LaneState {
  try {
    const { number, next } = JSON.parse(value.toString('utf8')) as { number?: unknown; next?: unknown };
    const entries = Object.entries(next as Record<string, unknown>);
    const known = entries.every(([partition, offset]) => /^\d+$/.test(partition) && OFFSET.test(String(offset)));
    if (Number.isSafeInteger(number) && Number(number) >= 0 && known)
      return {
        number: number as number,
        next: new Map(entries.map(([partition, offset]) => [Number(partition), BigInt(String(offset))])),
      };
  } catch {
    // not JSON: told below
  }
  throw new FaultError('DELIVERY_STATE_UNREADABLE', lane);
}
