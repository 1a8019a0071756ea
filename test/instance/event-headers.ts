import { CONTENT_TYPE, HEADER, type RecordType, schemaUrn } from '#record';
import type { Agency } from './instance.js';

/** An event about one record, which `created` it where `type` does not say otherwise. */
export interface TestEvent {
  readonly id: string;
  readonly of: RecordType;
  readonly type?: string;
  readonly time?: string;
  readonly subject?: string;
  /** Of an answer: whom it is for, and the digest of the question. */
  readonly target?: { readonly aud: string; readonly request: string };
}

/** The headers of an agency's event in binary mode over HTTP, with what proves who sends it. */
export function httpHeaders(agency: Agency, event: TestEvent): Record<string, string> {
  return { authorization: agency.authorization, 'content-type': CONTENT_TYPE.json, ...prefixed('ce-', agency, event) };
}

/** The headers of an agency's event in binary mode on its ingress topic. */
export function kafkaHeaders(agency: Agency, event: TestEvent): Record<string, string> {
  return { [HEADER.contentType]: CONTENT_TYPE.json, ...prefixed('ce_', agency, event) };
}

function prefixed(
  prefix: string,
  { source }: Agency,
  { id, of, type, time, subject, target }: TestEvent,
): Record<string, string> {
  const attributes = {
    ...{ specversion: '1.0', id, source, type: type ?? `${of}.created`, dataschema: schemaUrn(of, 1) },
    ...(time === undefined ? {} : { time }),
    ...(subject === undefined ? {} : { subject }),
    ...(target === undefined ? {} : { khidiaudience: target.aud, khidirequest: target.request }),
  };
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`${prefix}${name}`, value]));
}
