import type { IncomingHttpHeaders } from 'node:http';
import { type OrRefusal, refuse, type SentAttributes, type SentEvent } from '../door-event.js';
import { decodeHeader } from './attribute-text.js';

/** The headers that carry attributes of the road; others are extensions that are not passed on. */
const ATTRIBUTES = [
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'dataschema',
  'sequence',
  'traceparent',
  'khidiaudience',
  'khidirequest',
] as const;

/** Headers with all values that were sent, as Node gives them in `headersDistinct`. */
export type DistinctHeaders = Readonly<Record<string, readonly string[] | undefined>>;

/** Whether the headers are those of an event in binary mode. */
export function isBinaryMode(headers: IncomingHttpHeaders): boolean {
  return headers['ce-specversion'] !== undefined || headers['ce-id'] !== undefined || headers['ce-type'] !== undefined;
}

/**
 * Reads an event in binary mode (CloudEvents HTTP binding 1.0, section 3.1): `ce-*` headers are its attributes, the body is its
 * data. Refuses with DOOR_FRAMING.
 */
export function readBinaryEvent(headers: DistinctHeaders, body: Buffer): OrRefusal<{ event: SentEvent }> {
  const attributes: Record<string, string> = {};
  for (const name of ATTRIBUTES) {
    const values = headers[`ce-${name}`] ?? [];
    if (values.length > 1) return refuse('DOOR_FRAMING', `the header ce-${name} was sent twice`);
    if (values[0] === undefined) continue;
    const value = decodeHeader(values[0]);
    if (value === undefined) return refuse('DOOR_FRAMING', `the header ce-${name} is not percent-encoded UTF-8`);
    attributes[name] = value;
  }
  const contentType = headers['content-type']?.[0];
  const traceparent = headers.traceparent?.length === 1 ? headers.traceparent[0] : undefined;
  const event: SentAttributes = { traceparent, ...attributes, datacontenttype: contentType };
  return { ok: true, event: { attributes: event, data: body } };
}
