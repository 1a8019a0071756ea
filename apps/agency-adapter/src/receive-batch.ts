import type { IncomingMessage } from 'node:http';
import { ProblemException, readBody } from '#http';
import { acceptedStatus, type EventStatus, refusedStatus } from './door-answer.js';
import type { Caller, DoorEvent } from './door-event.js';
import type { HandOver } from './hand-over.js';
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS } from './limits.js';
import { admit } from './steps/admit.js';
import { sliceElements } from './steps/slice-elements.js';
import { readStructuredEvent } from './steps/structured-event.js';

/**
 * Receives a CloudEvents JSON batch. The events that the door takes are handed over together and in order; each of the others gets its
 * own refusal. Throws DOOR_FRAMING where the body is not an array, and the fault of the hand-over, after which none counts as
 * accepted.
 */
export async function receiveBatch(
  request: IncomingMessage,
  caller: Caller,
  handOver: HandOver,
  now: () => Date,
): Promise<readonly EventStatus[]> {
  const body = await readBody(request, MAX_BATCH_BYTES);
  const slices = sliceElements(body, MAX_BATCH_EVENTS);
  if (slices === undefined) {
    throw new ProblemException('DOOR_FRAMING', { detail: `this is not one JSON array of at most ${MAX_BATCH_EVENTS} events` });
  }
  const taken: DoorEvent[] = [];
  const statuses = slices.map(({ start, end }, index) => {
    const sent = readStructuredEvent(body.subarray(start, end));
    const admitted = sent.ok ? admit(sent.event, caller, now()) : sent;
    if (!admitted.ok) return refusedStatus(index, admitted);
    taken.push(admitted.event);
    return acceptedStatus(index, admitted.event);
  });
  await handOver(taken);
  return statuses;
}
