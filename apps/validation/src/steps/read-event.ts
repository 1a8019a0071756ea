import { CONTENT_TYPE, HEADER, type HeaderBytes, headerText, type ReceivedRecord } from '#record';
import { readStructured } from './read-structured.js';
import { serializedWith } from './schema-id.js';
import { NO_FAULTS, type Sent, type SentAttributes, type SentEvent, unreadable } from './sent-event.js';

const STRUCTURED = /^application\/cloudevents/i;
const BATCH = /^application\/cloudevents-batch/i;
const STRUCTURED_JSON = /^application\/cloudevents\+json[ \t]*(;|$)/i;

/**
 * Takes a Kafka record apart by the CloudEvents Kafka binding 1.0: binary mode, or structured mode where the content type says
 * so. What Confluent's serializers put before the value is taken off it. Unreadable are a batch (EVENT_BATCH_ON_KAFKA), a tombstone (EVENT_TOMBSTONE) and a structured mode other than JSON
 * (EVENT_CONTENT_TYPE).
 */
export function readEvent({ headers, value }: ReceivedRecord): SentEvent {
  const contentType = header(headers, HEADER.contentType);
  if (typeof contentType === 'string' && STRUCTURED.test(contentType)) {
    if (BATCH.test(contentType)) return unreadable('EVENT_BATCH_ON_KAFKA');
    if (value === null) return unreadable('EVENT_TOMBSTONE');
    return STRUCTURED_JSON.test(contentType) ? readStructured(value) : unreadable('EVENT_CONTENT_TYPE');
  }
  const attributes = readHeaders(headers, contentType);
  if (value === null) return unreadable('EVENT_TOMBSTONE', attributes);
  const serialized = serializedWith(headers, value);
  if (serialized === undefined) return { attributes, data: value, faults: NO_FAULTS, unreadable: false };
  // A serializer of JSON Schema says thereby that it is JSON.
  const declared = contentType === undefined ? { ...attributes, datacontenttype: CONTENT_TYPE.json } : attributes;
  return { ...serialized, attributes: declared, faults: NO_FAULTS, unreadable: false };
}

function readHeaders(headers: HeaderBytes, contentType: Sent): SentAttributes {
  return {
    specversion: header(headers, HEADER.specversion),
    id: header(headers, HEADER.id),
    source: header(headers, HEADER.source),
    type: header(headers, HEADER.type),
    time: header(headers, HEADER.time),
    dataschema: header(headers, HEADER.dataschema),
    datacontenttype: contentType ?? null, // in binary mode nothing else says what the data is
    sequence: header(headers, HEADER.sequence),
    traceparent: header(headers, HEADER.traceparent),
    khidiaudience: header(headers, HEADER.audience),
    khidirequest: header(headers, HEADER.request),
  };
}

function header(headers: HeaderBytes, name: string): Sent {
  const bytes = headers[name];
  if (bytes === undefined) return undefined;
  if (!Buffer.isBuffer(bytes)) return null;
  return headerText(name, bytes) ?? null;
}
