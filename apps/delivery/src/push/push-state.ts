import { FaultError } from '#faults';

/** How far a webhook is: everything before `next` is settled, and of what follows these. */
export interface PushState {
  readonly next: bigint;
  readonly settled: ReadonlySet<bigint>;
}

/** The value bytes of a state (JSON, UTF-8). */
export function encodePushState({ next, settled }: PushState): Buffer {
  return Buffer.from(JSON.stringify({ next: String(next), settled: [...settled].map(String) }));
}

const OFFSET = /^(0|[1-9][0-9]{0,18})$/;

/** Reads what {@link encodePushState} wrote. Throws DELIVERY_STATE_UNREADABLE. */
export function decodePushState(value: Buffer, name: string): PushState {
  try {
    const { next, settled } = JSON.parse(value.toString('utf8')) as { next?: unknown; settled?: unknown };
    if (
      typeof next === 'string' &&
      OFFSET.test(next) &&
      Array.isArray(settled) &&
      settled.every((one) => OFFSET.test(String(one)))
    )
      return { next: BigInt(next), settled: new Set(settled.map((one) => BigInt(String(one)))) };
  } catch {
    // not JSON: told below
  }
  throw new FaultError('DELIVERY_STATE_UNREADABLE', name);
}
