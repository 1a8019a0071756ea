import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '#faults';
import { typeOf } from './errors.adapter.js';

const FIRST_WAIT_MS = 5;
const WAIT_GROWTH = 1.2;
const WAITS = 50;

const BUSY: ReadonlySet<string | undefined> = new Set(['CONCURRENT_TRANSACTIONS']);
/** A coordinator that has just been made or moved; whoever asks looks for it again each time. */
export const STARTING: ReadonlySet<string | undefined> = new Set([
  ...BUSY,
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/**
 * Kafka answers CONCURRENT_TRANSACTIONS while the markers of the transaction before are being written, which takes milliseconds:
 * kafkajs's own 300 ms would make a relay five times slower. Waits up to half a minute in all.
 */
export async function whenFree<T>(request: () => Promise<T>, busy = BUSY): Promise<T> {
  for (let wait = FIRST_WAIT_MS, i = 1; ; wait = Math.min(wait * WAIT_GROWTH, 1000), i += 1) {
    try {
      return await request();
    } catch (error) {
      if (!busy.has(typeOf(error)) || i === WAITS) throw error;
      await sleep(wait);
    }
  }
}

/** How long until the brokers are asked again whether they have heard of a change, in milliseconds. */
const ASK_AGAIN_MS = 50;

/**
 * The controller has answered a change; whoever comes next may ask a broker that has not heard of it yet. Asks until a broker has.
 * Throws STREAM_UNAVAILABLE with `otherwise` when that takes longer than `withinMs`.
 */
export async function untilHeard(heard: () => Promise<boolean>, withinMs: number, otherwise: string): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await heard()); await sleep(ASK_AGAIN_MS)) {
    if (Date.now() > deadline) throw new FaultError('STREAM_UNAVAILABLE', otherwise);
  }
}
