import { isTraceparent, readEventType } from '#record';
import { namedContents } from '../contents/named-contents.js';
import { type Caller, type DoorEvent, type OrRefusal, refuse, type SentAttributes, type SentEvent } from '../door-event.js';
import { MAX_ATTRIBUTE_BYTES, MAX_EVENT_BYTES } from '../limits.js';
import { isCloudEventsString } from './attribute-text.js';

const ATTRIBUTES = [
  'id',
  'source',
  'type',
  'time',
  'subject',
  'dataschema',
  'datacontenttype',
  'sequence',
  'khidiaudience',
  'khidirequest',
] as const satisfies readonly (keyof SentAttributes)[];

/**
 * Decides whether the door takes an event from this caller. Only framing, size, source and route are judged here; everything
 * else is judged on the road, where it gets its faults, but for contents that the record names: they are here or nowhere. An absent `source`
 * is the caller's, an absent `time` is `now`. Refuses with DOOR_FRAMING, DOOR_TOO_LARGE, DOOR_SOURCE_FOREIGN, DOOR_TYPE_UNROUTED,
 * CONTENT_REFERENCE or CONTENT_UNKNOWN.
 */
export function admit({ attributes, data }: SentEvent, caller: Caller, now: Date): OrRefusal<{ event: DoorEvent }> {
  const { id, specversion, type } = attributes;
  if (specversion !== '1.0') return refuse('DOOR_FRAMING', 'specversion is not 1.0', id);
  if (id === undefined || id === '') return refuse('DOOR_FRAMING', 'the event has no id');
  for (const name of ATTRIBUTES) {
    const value = attributes[name];
    if (value === undefined) continue;
    if (isTooLong(value)) return refuse('DOOR_TOO_LARGE', `the attribute ${name} is too long`);
    if (!isCloudEventsString(value)) return refuse('DOOR_FRAMING', `the attribute ${name} contains a forbidden character`);
  }
  if (data.length > MAX_EVENT_BYTES) return refuse('DOOR_TOO_LARGE', `the data is longer than ${MAX_EVENT_BYTES} bytes`, id);
  const source = attributes.source ?? caller.source;
  if (source !== caller.source) return refuse('DOOR_SOURCE_FOREIGN', undefined, id);
  const recordType = readEventType(type ?? '')?.type;
  if (type === undefined || recordType === undefined || !caller.publishes.has(recordType)) {
    return refuse('DOOR_TYPE_UNROUTED', undefined, id);
  }
  const named = namedContents(data, caller, id);
  if (!named.ok) return named;
  const { contents } = named;
  const sent = attributes.traceparent;
  const traceparent = sent !== undefined && isTraceparent(sent) ? sent : undefined;
  const time = attributes.time ?? now.toISOString();
  const event = { id, source, type, recordType, attributes: { ...attributes, source, time, traceparent }, data };
  return { ok: true, event: contents.length === 0 ? event : { ...event, contents } };
}

/** Most attributes are far too short to be measured. */
function isTooLong(value: string): boolean {
  return value.length * 3 > MAX_ATTRIBUTE_BYTES && Buffer.byteLength(value) > MAX_ATTRIBUTE_BYTES;
}
