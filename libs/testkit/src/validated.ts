import { CONTENT_TYPE, HEADER, type HeaderBytes, pseudonymIn, type ReceivedRecord } from '#record';
import { PERSON_TERMS, sealInput } from './sealing.js';

/** What validation writes beside a record, as text; undefined leaves a header out. */
export type ValidatedHeaders = Readonly<Record<string, string | undefined>>;

/** A record as it lies on `validated.population.person`; `headers` replace or remove, `changes` replace the rest. */
export function validatedRecord(headers: ValidatedHeaders = {}, changes: Partial<ReceivedRecord> = {}): ReceivedRecord {
  const { event, sub, origin, record } = sealInput();
  const written: ValidatedHeaders = {
    [HEADER.contentType]: CONTENT_TYPE.json,
    [HEADER.specversion]: '1.0',
    [HEADER.id]: event.id,
    [HEADER.source]: event.source,
    [HEADER.type]: event.type,
    [HEADER.time]: event.time,
    [HEADER.subject]: sub,
    [HEADER.dataschema]: event.dataschema,
    [HEADER.schema]: schemaHeader('offset'),
    [HEADER.origin]: JSON.stringify({
      agency: origin.agency,
      auth: origin.auth,
      digest: Buffer.from(origin.digest).toString('base64url'),
      ingress: 'ingress.GE-GOV-7001.population.person/0/41',
      received: origin.received,
    }),
    ...headers,
  };
  const bytes: HeaderBytes = Object.fromEntries(
    Object.entries(written).flatMap(([name, value]) => (value === undefined ? [] : [[name, Buffer.from(value)]])),
  );
  return {
    topic: 'validated.population.person',
    partition: 0,
    offset: '7',
    timestamp: Date.parse(origin.received),
    key: Buffer.from(pseudonymIn(sub)),
    value: record,
    headers: bytes,
    ...changes,
  };
}

/** The `khidi_schema` header of the person schema. */
export function schemaHeader(sequence: 'agency' | 'offset'): string {
  return JSON.stringify({ law: PERSON_TERMS.law, schema: PERSON_TERMS.schema, sequence });
}
