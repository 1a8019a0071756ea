import { isSha256Digest } from '#canonical';
import type { FaultReport } from '#faults';
import {
  isTraceparent,
  memberOf,
  type Op,
  readEventType,
  readSchemaUrn,
  readSource,
  type SubsystemId,
  subsystemId,
} from '#record';
import type { IngressTopic, SchemaName } from './ingress-topics.js';
import { isRfc3339 } from './rfc3339.js';
import { attributeFault, type SchemaId, type Sent, type SentAttributes, type SentEvent } from './sent-event.js';

/** Whom an answer is for, and what it answers. */
export interface Target {
  readonly aud: SubsystemId;
  /** `sha-256:` and base64url. */
  readonly request: string;
}

/** An event whose attributes were checked. Each is there only where it is well-formed; `faults` says what is wrong. */
export interface CheckedEvent {
  readonly id: string | undefined;
  readonly source: string | undefined;
  readonly type: string | undefined;
  readonly subsystem: SubsystemId | undefined;
  readonly op: Op | undefined;
  readonly time: string | undefined;
  readonly dataschema: string | undefined;
  readonly schema: SchemaName | undefined;
  /** The schema that the sender's serializer names, still to be compared with `dataschema`, or to stand for it. */
  readonly schemaId: SchemaId | undefined;
  /** In decimal, without leading zeros. */
  readonly sequence: string | undefined;
  readonly traceparent: string | undefined;
  /** Of an answer: the one subsystem that it is for, and the digest of the question. */
  readonly target: Target | undefined;
  readonly data: Buffer | null;
  readonly unreadable: boolean;
  readonly faults: FaultReport[];
}

const UNNAMED = { dataschema: undefined, schema: undefined };
const ASCII_ID = /^[\x20-\x7e]{1,256}$/;
/** No control, format, private or half characters and no line separators: what a person can see and a header can hold. */
const ID = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]{1,256}$/u;
const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;
const SEQUENCE = /^[0-9]{1,20}$/;

/**
 * Checks every attribute against its form and against the topic: EVENT_ATTRIBUTE_MISSING, EVENT_ATTRIBUTE_INVALID,
 * EVENT_CONTENT_TYPE, EVENT_SOURCE_FOREIGN, EVENT_SUBSYSTEM_UNKNOWN, EVENT_TYPE_FOREIGN, SCHEMA_SUBJECT_FOREIGN. All that are
 * found are told, but of what is no event at all only that. A malformed `traceparent` is dropped, as W3C Trace Context asks.
 */
export function checkEvent(event: SentEvent, topic: IngressTopic): CheckedEvent {
  const { attributes: sent, data, schemaId, faults: found, unreadable } = event;
  const faults: FaultReport[] = [];
  wellFormed('specversion', sent.specversion, isOne, faults);
  const id = wellFormed('id', sent.id, isId, faults);
  const { source, subsystem } = checkSource(sent.source, topic, faults);
  const { type, op } = checkType(sent.type, topic, faults);
  const time = wellFormed('time', sent.time, isRfc3339, faults);
  const isNamedById = schemaId !== undefined && sent.dataschema === undefined;
  const { dataschema, schema } = isNamedById ? UNNAMED : checkSchemaName(sent.dataschema, topic, faults);
  checkContentType(sent.datacontenttype, faults);
  return {
    id,
    source,
    type,
    subsystem,
    op,
    time,
    dataschema,
    schema,
    schemaId,
    sequence: checkSequence(sent.sequence, faults),
    traceparent: typeof sent.traceparent === 'string' && isTraceparent(sent.traceparent) ? sent.traceparent : undefined,
    target: checkTarget(sent, faults),
    data,
    unreadable,
    faults: unreadable ? [...found] : found.length === 0 ? faults : [...found, ...faults],
  };
}

function wellFormed(name: string, sent: Sent, fits: (text: string) => boolean, faults: FaultReport[]): string | undefined {
  if (typeof sent === 'string' && fits(sent)) return sent;
  faults.push(attributeFault(sent === undefined ? 'EVENT_ATTRIBUTE_MISSING' : 'EVENT_ATTRIBUTE_INVALID', name));
  return undefined;
}

const isOne = (text: string): boolean => text === '1.0';
const isId = (text: string): boolean => ASCII_ID.test(text) || ID.test(text);
const isSource = (text: string): boolean => readSource(text) !== undefined;
const isType = (text: string): boolean => readEventType(text) !== undefined;
const isSchemaUrn = (text: string): boolean => readSchemaUrn(text) !== undefined;

function checkSource(sent: Sent, topic: IngressTopic, faults: FaultReport[]): Pick<CheckedEvent, 'source' | 'subsystem'> {
  const known = typeof sent === 'string' ? topic.sources.get(sent) : undefined;
  if (typeof sent === 'string' && known !== undefined) return { source: sent, subsystem: known };
  const source = wellFormed('source', sent, isSource, faults);
  const subsystem = source === undefined ? undefined : readSource(source);
  if (subsystem !== undefined) {
    const ours = memberOf(subsystem) === topic.member;
    faults.push(attributeFault(ours ? 'EVENT_SUBSYSTEM_UNKNOWN' : 'EVENT_SOURCE_FOREIGN', 'source'));
  }
  return { source, subsystem: undefined };
}

function checkType(sent: Sent, topic: IngressTopic, faults: FaultReport[]): Pick<CheckedEvent, 'type' | 'op'> {
  const op = typeof sent === 'string' ? topic.types.get(sent) : undefined;
  if (typeof sent === 'string' && op !== undefined) return { type: sent, op };
  const type = wellFormed('type', sent, isType, faults);
  if (type !== undefined) faults.push(attributeFault('EVENT_TYPE_FOREIGN', 'type'));
  return { type, op: undefined };
}

function checkSchemaName(sent: Sent, topic: IngressTopic, faults: FaultReport[]): Pick<CheckedEvent, 'dataschema' | 'schema'> {
  const known = typeof sent === 'string' ? topic.schemaNamed(sent) : undefined;
  if (typeof sent === 'string' && known !== undefined) return { dataschema: sent, schema: known };
  const dataschema = wellFormed('dataschema', sent, isSchemaUrn, faults);
  if (dataschema !== undefined) faults.push(attributeFault('SCHEMA_SUBJECT_FOREIGN', 'dataschema'));
  return { dataschema, schema: undefined };
}

function checkContentType(sent: Sent, faults: FaultReport[]): void {
  if (sent === 'application/json' || (typeof sent === 'string' && JSON_TYPE.test(sent))) return;
  faults.push(attributeFault('EVENT_CONTENT_TYPE', 'datacontenttype'));
}

/** Both or none: an answer that does not say to what would answer anything. */
function checkTarget({ khidiaudience, khidirequest }: SentAttributes, faults: FaultReport[]): Target | undefined {
  if (khidiaudience === undefined && khidirequest === undefined) return undefined;
  const audience = wellFormed('khidiaudience', khidiaudience, (text) => subsystemId(text) !== undefined, faults);
  const request = wellFormed('khidirequest', khidirequest, isSha256Digest, faults);
  const aud = subsystemId(audience ?? '');
  return aud === undefined || request === undefined ? undefined : { aud, request };
}

/** Agencies may pad with zeros, since the extension is compared as text; a double must hold the number. */
function checkSequence(sent: Sent, faults: FaultReport[]): string | undefined {
  if (sent === undefined) return undefined;
  const number = typeof sent === 'string' && SEQUENCE.test(sent) ? Number(sent) : Number.NaN;
  if (Number.isSafeInteger(number)) return String(number);
  faults.push(attributeFault('EVENT_ATTRIBUTE_INVALID', 'sequence'));
  return undefined;
}
