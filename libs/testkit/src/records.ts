import {
  CONTENT_TYPE,
  HEADER,
  type HeaderBytes,
  ingressTopic,
  type MemberId,
  type ReceivedRecord,
  type RecordType,
} from '#record';

/** Attributes of a test event; undefined leaves one out, a list repeats its header. */
export type TestAttributes = Readonly<Record<string, string | Buffer | readonly (string | Buffer)[] | undefined>>;

/** What of a test record differs from the usual one. */
export interface TestRecord {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: string | number;
  readonly timestamp?: number;
  readonly key?: Buffer | null;
  /** CloudEvents attributes by their own names (`id`, not `ce_id`), `datacontenttype` among them. */
  readonly attributes?: TestAttributes;
  /** Kafka headers as they are, beside those of the attributes. */
  readonly headers?: HeaderBytes;
  /** The record: bytes or text as they are, anything else as JSON; null makes a tombstone. */
  readonly data?: unknown;
}

export const TEST_MEMBER = 'GE/GOV/7001' as MemberId;
export const TEST_TYPE = 'population.person' as RecordType;

/** The attributes of the usual test event; a person of it is synthetic. */
export const TEST_ATTRIBUTES = {
  specversion: '1.0',
  id: 'event-1',
  source: '/GE/GOV/7001/base-registry',
  type: 'population.person.created',
  time: '2099-05-06T07:08:09Z',
  dataschema: 'urn:khidi:schema:population.person:1',
  datacontenttype: 'application/json',
} as const;

const TEST_DATA = { id: '99010100001', name: 'Ana Sample', born: '2099-01-01' };

/** One record of an ingress topic in binary mode. */
export function ingressRecord(more: TestRecord = {}): ReceivedRecord {
  const headers: Record<string, Buffer | Buffer[]> = {};
  for (const [name, value] of Object.entries({ ...TEST_ATTRIBUTES, ...more.attributes })) {
    if (value !== undefined) headers[headerOf(name)] = Array.isArray(value) ? value.map(bytes) : bytes(value as string | Buffer);
  }
  return received(more, { ...headers, ...more.headers }, data(more.data === undefined ? TEST_DATA : more.data));
}

/** The same event in structured mode: one JSON document, made of `attributes` and `data` or given whole by `event`. */
export function structuredRecord(more: TestRecord & { readonly event?: string | Buffer } = {}): ReceivedRecord {
  const { datacontenttype: _, ...usual } = TEST_ATTRIBUTES;
  const members = Object.entries({ ...usual, ...more.attributes })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const record = data(more.data === undefined ? TEST_DATA : more.data);
  const event = more.event ?? Buffer.concat([bytes(`{${members.join(',')},"data":`), record ?? bytes('null'), bytes('}')]);
  return received(more, { [HEADER.contentType]: bytes(CONTENT_TYPE.structured), ...more.headers }, bytes(event));
}

function received(more: TestRecord, headers: HeaderBytes, value: Buffer | null): ReceivedRecord {
  return {
    topic: more.topic ?? ingressTopic(TEST_MEMBER, TEST_TYPE),
    partition: more.partition ?? 0,
    offset: String(more.offset ?? 0),
    timestamp: more.timestamp ?? Date.UTC(2099, 4, 6, 7, 8, 10),
    key: more.key === undefined ? Buffer.from('key') : more.key,
    headers,
    value,
  };
}

function headerOf(name: string): string {
  if (name === 'datacontenttype') return HEADER.contentType;
  return name === HEADER.traceparent ? name : `ce_${name}`;
}

function data(value: unknown): Buffer | null {
  if (value === null) return null;
  return typeof value === 'string' || Buffer.isBuffer(value) ? bytes(value) : bytes(JSON.stringify(value));
}

const bytes = (value: string | Buffer): Buffer => (typeof value === 'string' ? Buffer.from(value) : value);
