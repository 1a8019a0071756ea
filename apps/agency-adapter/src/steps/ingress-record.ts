import { CONTENT_TYPE, HEADER, ingressTopic, type MemberId, type OutgoingRecord } from '#record';
import type { DoorEvent } from '../door-event.js';
import { keyedText } from './keyed-text.js';

/** Puts events into the form of the ingress topics: CloudEvents binary mode, the value is exactly the bytes that were sent. */
export type IngressForm = (event: DoorEvent) => OutgoingRecord;

/**
 * The form for one member. The key keeps one subject together and tells nobody anything: HMAC-SHA-256, by the member's own
 * secret, of `source` NUL `subject` (or `id` where there is no subject). The subject itself goes no further: an agency may well put a
 * national identifier there, and none may stand in a header.
 */
export function ingressForm(member: MemberId, secret: Buffer): IngressForm {
  const keyOf = keyedText(secret);
  const topics = new Map<string, string>();
  const topicOf = (event: DoorEvent): string => {
    const known = topics.get(event.recordType);
    if (known !== undefined) return known;
    const topic = ingressTopic(member, event.recordType);
    topics.set(event.recordType, topic);
    return topic;
  };
  return (event) => {
    const { time, subject, dataschema, datacontenttype, sequence, traceparent, khidiaudience, khidirequest } = event.attributes;
    const headers: Record<string, string> = {
      [HEADER.contentType]: datacontenttype ?? CONTENT_TYPE.json,
      [HEADER.specversion]: '1.0',
      [HEADER.id]: event.id,
      [HEADER.source]: event.source,
      [HEADER.type]: event.type,
    };
    if (time !== undefined) headers[HEADER.time] = time;
    if (dataschema !== undefined) headers[HEADER.dataschema] = dataschema;
    if (sequence !== undefined) headers[HEADER.sequence] = sequence;
    if (traceparent !== undefined) headers[HEADER.traceparent] = traceparent;
    if (khidiaudience !== undefined) headers[HEADER.audience] = khidiaudience;
    if (khidirequest !== undefined) headers[HEADER.request] = khidirequest;
    const key = keyOf(`${event.source}\0${subject ?? event.id}`);
    return { topic: topicOf(event), key, value: event.data, headers };
  };
}
