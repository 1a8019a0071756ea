import type { IncomingMessage } from 'node:http';
import { ProblemException, readBody } from '#http';
import type { Caller, DoorEvent, OrRefusal, SentEvent } from './door-event.js';
import type { HandOver } from './hand-over.js';
import { MAX_EVENT_BYTES } from './limits.js';
import { admit } from './steps/admit.js';
import { readBinaryEvent } from './steps/binary-event.js';
import { readStructuredEvent } from './steps/structured-event.js';

/** Receives one event, in binary or structured mode, and resolves once it is on the road. Throws the fault of a refusal. */
export async function receiveEvent(
  request: IncomingMessage,
  mode: 'binary' | 'structured',
  caller: Caller,
  handOver: HandOver,
  now: () => Date,
): Promise<DoorEvent> {
  const body = await readBody(request, MAX_EVENT_BYTES);
  const sent = orThrow(mode === 'binary' ? readBinaryEvent(request.headersDistinct, body) : readSingle(request, body));
  const { event } = orThrow(admit(sent.event, caller, now()));
  await handOver([event]);
  return event;
}

/** A structured event without a `traceparent` of its own continues the trace of the request. */
function readSingle(request: IncomingMessage, body: Buffer): OrRefusal<{ event: SentEvent }> {
  const read = readStructuredEvent(body);
  const traceparent = request.headersDistinct.traceparent;
  if (!read.ok || read.event.attributes.traceparent !== undefined || traceparent?.length !== 1) return read;
  const attributes = { ...read.event.attributes, traceparent: traceparent[0] };
  return { ok: true, event: { attributes, data: read.event.data } };
}

function orThrow<T>(result: OrRefusal<T>): T {
  if (result.ok) return result;
  throw new ProblemException(result.fault, result.detail === undefined ? {} : { detail: result.detail });
}
