import { type JsonObject, sha256Base64url } from '#canonical';
import type { FaultReport } from '#faults';
import type { MemberId, Op, RecordType } from '#record';

/** What should become of a record. */
export type Expected =
  | { readonly verdict: 'accepted' }
  /** All faults that it should be told, in any order. */
  | { readonly verdict: 'rejected'; readonly faults: readonly FaultReport[] };

export const ACCEPTED: Expected = { verdict: 'accepted' };

/** One record of a demonstration registry, ready to be sent. The same options give the same records, ids and bytes. */
export interface SourceRecord {
  /** The event id. */
  readonly id: string;
  readonly type: RecordType;
  readonly op: Op;
  /** The demonstration agency that sends it. */
  readonly member: MemberId;
  /** The record; absent where the bytes are not JSON that could be sent otherwise. */
  readonly record?: JsonObject;
  /** Exactly what is sent. */
  readonly bytes: Buffer;
  /** What a gate that follows the schemas of the project says of it. */
  readonly expected: Expected;
}

/** A stable event id for whatever tells one record of a type from all others. */
export function eventIdOf(type: RecordType, identity: string): string {
  return sha256Base64url(Buffer.from(`${type}\0${identity}`)).slice(0, 27);
}

/** The demonstration agencies of deploy/local/members.json and the countries that each speaks for. */
const COUNTRIES: Readonly<Record<string, readonly string[]>> = {
  'GE/GOV/7001': ['GE', 'AM', 'AZ', 'CH', 'GR'],
  'GE/GOV/7002': ['KZ', 'KG', 'UZ', 'TJ', 'NP'],
  'GE/GOV/7003': ['EE', 'GB', 'SE'],
};
const MEMBERS = new Map(Object.entries(COUNTRIES).flatMap(([id, countries]) => countries.map((country) => [country, id])));

/** The agency that sends a country's records; the first one sends those of all other countries. */
export function memberFor(country: string): MemberId {
  return (MEMBERS.get(country) ?? 'GE/GOV/7001') as MemberId;
}
