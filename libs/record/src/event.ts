import { rememberingLatest } from './latest.js';
import type { Brand, RecordType, SubsystemId } from './names.js';
import { recordType, subsystemId } from './names.js';
import type { ReceivedRecord } from './stream.js';

/** What happened to the record. */
export type Op = 'created' | 'updated' | 'withdrawn';
export const OPS: readonly Op[] = ['created', 'updated', 'withdrawn'];

/** `urn:khidi:schema:<subject>:<version>`. */
export type SchemaUrn = Brand<string, 'SchemaUrn'>;
/** `urn:khidi:<registry>:<pseudonym>`: the signed subject. */
export type SubjectUrn = Brand<string, 'SubjectUrn'>;
/** Unique for ever per issuer; derived from CloudEvents `source` and `id`. */
export type Jti = Brand<string, 'Jti'>;

/** The names of Kafka headers on the road (CloudEvents Kafka binding 1.0, binary mode, and ours). */
export const HEADER = {
  contentType: 'content-type',
  specversion: 'ce_specversion',
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  time: 'ce_time',
  subject: 'ce_subject',
  dataschema: 'ce_dataschema',
  sequence: 'ce_sequence',
  traceparent: 'traceparent',
  /** On ingress topics only, of an answer: the one subsystem that it is for, and the digest of the question. */
  audience: 'ce_khidiaudience',
  request: 'ce_khidirequest',
  /** On validated topics only, of an answer: `{"aud":…,"request":…}`. */
  target: 'khidi_target',
  /** Of Confluent's serializers: which schema the value was written with, where it does not stand before the value. */
  valueSchemaId: '__value_schema_id',
  /** On ingress topics only: the agency's own seal of the event, a compact JWS. */
  seal: 'khidi_seal',
  /** On validated topics only: `{"law":…,"schema":…}`, the same bytes for every record of one schema version. */
  schema: 'khidi_schema',
  /** On validated topics only: `{"agency":…,"auth":…,"digest":…,"ingress":…,"received":…}`, and `"seal"` where `auth` is `seal`. */
  origin: 'khidi_origin',
  /** On sealed topics only: where the record came in, as `topic/partition/offset`. */
  ingress: 'khidi_ingress',
  /** On validated and sealed topics, where there are any: `[{"code":…,"pointer":…}]`, what is doubtful in the record. */
  warnings: 'khidi_warnings',
  /** On delivery topics only: 1, 2, 3 … per consumer and record type, without a gap. */
  number: 'khidi_number',
  /** On delivery topics only: the agreement under which the record was given, `<id>/<version>`. */
  agreement: 'khidi_agreement',
  /** On delivery topics only, of what had been delivered before: the id of the replay that brings it again. */
  replay: 'khidi_replay',
  /** On delivery topics only, of what is part of an initial load: the id of the load. */
  load: 'khidi_load',
  /** On delivery topics only, of the mark that says that an initial load is complete: the id of the load. See {@link LoadMark}. */
  loaded: 'khidi_loaded',
  /** On delivery topics only: the purpose for which it was given. */
  purpose: 'khidi_purpose',
  /** On delivery topics only, where the value is encrypted: how the origin of the record was proved. */
  proved: 'khidi_proved',
  /** On delivery topics only, where the consumer has pseudonyms of its own: whose record it is, as `urn:khidi:<registry>:<pseudonym>`. */
  ownSubject: 'khidi_subject',
  /** On delivery topics only, where the agreement asks for a receipt: within how long, as `PT1H`. */
  receipt: 'khidi_receipt',
  /** Of a tombstone that erases what has its key: the act of the operator that it belongs to. */
  erasure: 'khidi_erasure',
} as const;

export const CONTENT_TYPE = {
  json: 'application/json',
  structured: 'application/cloudevents+json',
  batch: 'application/cloudevents-batch+json',
  envelope: 'application/jose',
  /** An envelope with disclosures (RFC 9901). */
  disclosable: 'application/sd-jwt',
} as const;

/** What `/GE/GOV/7001/civil-registry` names, or undefined. */
export const readSource = rememberingLatest((source): SubsystemId | undefined =>
  source.startsWith('/') ? subsystemId(source.slice(1)) : undefined,
);

/** Splits `population.person.updated` into record type and operation, or undefined. */
export const readEventType = rememberingLatest((type): { readonly type: RecordType; readonly op: Op } | undefined => {
  const dot = type.lastIndexOf('.');
  const of = recordType(type.slice(0, Math.max(dot, 0)));
  const op = OPS.find((candidate) => candidate === type.slice(dot + 1));
  return of !== undefined && op !== undefined ? { type: of, op } : undefined;
});

const SCHEMA_URN = /^urn:khidi:schema:([a-z0-9.-]{1,65}):([1-9][0-9]{0,8})$/;

/** The subject and version that a `dataschema` names, or undefined. */
export const readSchemaUrn = rememberingLatest((urn): { readonly subject: RecordType; readonly version: number } | undefined => {
  const parts = SCHEMA_URN.exec(urn);
  const subject = recordType(parts?.[1] ?? '');
  return parts !== null && subject !== undefined ? { subject, version: Number(parts[2]) } : undefined;
});

/** The `dataschema` of one version of a record type. */
export function schemaUrn(subject: RecordType, version: number): SchemaUrn {
  return `urn:khidi:schema:${subject}:${version}` as SchemaUrn;
}

/** Whether a record is only there so that Kafka forgets what has its key. Readers are not shown it. */
export function isErasure({ value, headers }: Pick<ReceivedRecord, 'value' | 'headers'>): boolean {
  return value === null && headers[HEADER.erasure] !== undefined;
}

const SUBJECT = /^urn:khidi:[a-z][a-z0-9-]{0,31}:[A-Za-z0-9_-]{43}$/;

/** The subject that a text names, or undefined. */
export function subjectUrn(text: string): SubjectUrn | undefined {
  return SUBJECT.test(text) ? (text as SubjectUrn) : undefined;
}

/** The last part of a subject, its pseudonym, by which its records are keyed. */
export const pseudonymIn = (subject: string): string => subject.slice(subject.lastIndexOf(':') + 1);
