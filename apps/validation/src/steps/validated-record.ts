import { sha256Base64url } from '#canonical';
import { CONTENT_TYPE, encodeWarnings, HEADER, type OutgoingRecord, type ReceivedRecord, type SubsystemId } from '#record';
import type { CheckedEvent } from './check-event.js';
import type { IngressTopic } from './ingress-topics.js';
import type { Content } from './judge-content.js';

/** An event whose attributes are all there. */
export interface WholeEvent extends CheckedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subsystem: SubsystemId;
  readonly time: string;
  readonly dataschema: string;
}

/** Whether every attribute that the output needs is there; without faults it always is. */
export function isWhole(event: CheckedEvent): event is WholeEvent {
  const { id, source, type, subsystem, op, time, dataschema } = event;
  return [id, source, type, subsystem, op, time, dataschema].every((attribute) => attribute !== undefined);
}

/**
 * The record as it goes to its validated topic: keyed by pseudonym, the canonical bytes as value, the attributes as checked.
 * Keys, subjects and headers of the sender are not passed on.
 */
export function validatedRecord(
  record: ReceivedRecord,
  event: WholeEvent,
  content: Content,
  topic: IngressTopic,
  pseudonym: string,
  seal?: string,
): OutgoingRecord {
  const headers: Record<string, Buffer | string> = {
    [HEADER.contentType]: CONTENT_TYPE.json,
    [HEADER.specversion]: '1.0',
    [HEADER.id]: event.id,
    [HEADER.source]: event.source,
    [HEADER.type]: event.type,
    [HEADER.time]: event.time,
    [HEADER.subject]: `urn:khidi:${topic.registry}:${pseudonym}`,
    [HEADER.dataschema]: event.dataschema,
    [HEADER.schema]: content.schema.header,
    [HEADER.origin]: origin(record, event.subsystem, seal),
  };
  if (event.sequence !== undefined) headers[HEADER.sequence] = event.sequence;
  if (content.warnings.length > 0) headers[HEADER.warnings] = encodeWarnings(content.warnings);
  if (event.target !== undefined) headers[HEADER.target] = `{"aud":"${event.target.aud}","request":"${event.target.request}"}`;
  if (event.traceparent !== undefined) headers[HEADER.traceparent] = event.traceparent;
  return { topic: topic.validated, key: pseudonym, value: content.canonical, headers };
}

const NOTHING = Buffer.alloc(0);

/** Nothing in it needs escaping: names of subsystems and topics, base64url, digits. `auth` says what binds the record to its agency. */
function origin({ topic, partition, offset, value, timestamp }: ReceivedRecord, agency: SubsystemId, seal?: string): string {
  const digest = sha256Base64url(value ?? NOTHING);
  const bound = seal === undefined ? '"auth":"topic"' : `"auth":"seal","seal":"${seal}"`;
  return `{"agency":"${agency}",${bound},"digest":"${digest}","ingress":"${topic}/${partition}/${offset}","received":"${rfc3339(timestamp)}"}`;
}

let last = { timestamp: 0, text: new Date(0).toISOString() };
const YEAR_9999 = 253402300799999;

/** Records of one produce request share their millisecond, so it is written once for all of them. */
function rfc3339(timestamp: number): string {
  if (timestamp !== last.timestamp) {
    // Who writes directly chooses the timestamp; one that no date can be made of must not stop the partition.
    const possible = timestamp >= 0 ? Math.min(timestamp, YEAR_9999) : 0;
    last = { timestamp, text: new Date(possible).toISOString() };
  }
  return last.text;
}
