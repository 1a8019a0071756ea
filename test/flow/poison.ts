import type { FaultCode } from '#faults';
import { CONTENT_TYPE, HEADER } from '#record';

/** One bad input and the faults that its one rejection must name. */
export interface Poison {
  readonly name: string;
  readonly faults: readonly FaultCode[];
  /** The value; null is a tombstone. Default: a sound record. */
  readonly value?: Buffer | null;
  /** Headers that replace sound ones; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const json = (text: string): Buffer => Buffer.from(text, 'utf8');
/** A sound record's members, so that only the named fault is in the way. */
const SOUND = '"id":"GE/poison","name":"Poison","country":"GE","position":{"latitude":"41.1","longitude":"44.1"}';
const MEBI = 1024 * 1024;

/** Every row of DESIGN section 8 that concerns one record, each as the bytes that an agency's own Kafka client would write. */
export const POISON: readonly Poison[] = [
  {
    name: 'invalid UTF-8',
    value: Buffer.concat([json('{"id":"'), Buffer.from([0xc3, 0x28]), json('"}')]),
    faults: ['JSON_UTF8_INVALID'],
  },
  { name: 'bad JSON', value: json(`{${SOUND},}`), faults: ['JSON_SYNTAX'] },
  { name: 'an empty value', value: json(''), faults: ['JSON_EMPTY'] },
  { name: 'a duplicate member', value: json(`{${SOUND},"name":"Other"}`), faults: ['JSON_DUPLICATE_MEMBER'] },
  {
    name: 'a member that is the same only after unescaping',
    value: json(`{${SOUND},"n\\u0061me":"Other"}`),
    faults: ['JSON_DUPLICATE_MEMBER'],
  },
  { name: '2^53 + 1', value: json(`{${SOUND},"x":9007199254740993}`), faults: ['JSON_NUMBER_LOSSY'] },
  { name: 'a number beyond every double', value: json(`{${SOUND},"x":1e999}`), faults: ['JSON_NUMBER_LOSSY'] },
  { name: 'half a surrogate pair', value: json(`{${SOUND},"x":"\\ud800"}`), faults: ['JSON_SURROGATE_LONE'] },
  { name: 'depth 33', value: json(`${'['.repeat(33)}${']'.repeat(33)}`), faults: ['JSON_TOO_DEEP'] },
  { name: '100,000 opening brackets', value: json('['.repeat(100_000)), faults: ['JSON_TOO_DEEP'] },
  { name: 'more than 640 KiB', value: json(`{${SOUND},"x":"${'y'.repeat(641 * 1024)}"}`), faults: ['JSON_TOO_LARGE'] },
  {
    name: 'a value close to the largest that a broker takes',
    value: json(`{"x":"${'y'.repeat(2 * MEBI - 4096)}"}`),
    faults: ['JSON_TOO_LARGE'],
  },
  {
    name: 'an unknown schema',
    headers: { [HEADER.dataschema]: 'urn:khidi:schema:address.locality:99' },
    faults: ['SCHEMA_UNKNOWN'],
  },
  { name: 'no schema', headers: { [HEADER.dataschema]: undefined }, faults: ['EVENT_ATTRIBUTE_MISSING'] },
  {
    name: "another record type's schema",
    headers: { [HEADER.dataschema]: 'urn:khidi:schema:population.person:1' },
    faults: ['SCHEMA_SUBJECT_FOREIGN'],
  },
  {
    name: 'a record that its schema refuses twice',
    value: json('{"id":"GE/poison","name":"","country":"Georgia","position":{"latitude":"1","longitude":"1"}}'),
    faults: ['SCHEMA_VIOLATION', 'SCHEMA_VIOLATION'],
  },
  { name: 'no id', headers: { [HEADER.id]: undefined }, faults: ['EVENT_ATTRIBUTE_MISSING'] },
  {
    name: 'the source of another member',
    headers: { [HEADER.source]: '/GE/GOV/7002/base-registry' },
    faults: ['EVENT_SOURCE_FOREIGN'],
  },
  { name: 'an unknown subsystem', headers: { [HEADER.source]: '/GE/GOV/7001/nobody' }, faults: ['EVENT_SUBSYSTEM_UNKNOWN'] },
  { name: 'the type of another topic', headers: { [HEADER.type]: 'population.person.created' }, faults: ['EVENT_TYPE_FOREIGN'] },
  { name: 'a time that is none', headers: { [HEADER.time]: 'yesterday' }, faults: ['EVENT_ATTRIBUTE_INVALID'] },
  { name: 'another content type', headers: { [HEADER.contentType]: 'text/plain' }, faults: ['EVENT_CONTENT_TYPE'] },
  { name: 'a batch', headers: { [HEADER.contentType]: CONTENT_TYPE.batch }, value: json('[]'), faults: ['EVENT_BATCH_ON_KAFKA'] },
  { name: 'a tombstone', value: null, faults: ['EVENT_TOMBSTONE'] },
  { name: 'an array of 200,000 numbers', value: json(`[${'0,'.repeat(199_999)}0]`), faults: ['SCHEMA_VIOLATION'] },
  {
    name: 'a hundred thousand members',
    value: json(`{${SOUND},${Array.from({ length: 40_000 }, (_, i) => `"k${i}":0`).join(',')}}`),
    faults: ['SCHEMA_VIOLATION'],
  },
  { name: 'a member named __proto__', value: json(`{${SOUND},"__proto__":{"x":1}}`), faults: ['SCHEMA_VIOLATION'] },
  {
    name: 'a withdrawal with more than the identifier',
    headers: { [HEADER.type]: 'address.locality.withdrawn' },
    faults: ['SCHEMA_VIOLATION'],
  },
];

/** The value and headers to write for a poison with this event id. */
export function brew(poison: Poison, id: string): { value: Buffer | null; headers: Record<string, string> } {
  const headers: Record<string, string | undefined> = {
    [HEADER.contentType]: CONTENT_TYPE.json,
    [HEADER.specversion]: '1.0',
    [HEADER.id]: id,
    [HEADER.source]: '/GE/GOV/7001/base-registry',
    [HEADER.type]: 'address.locality.created',
    [HEADER.time]: '2099-01-01T00:00:00Z',
    [HEADER.dataschema]: 'urn:khidi:schema:address.locality:1',
    ...poison.headers,
  };
  const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { value: poison.value === undefined ? json(`{${SOUND}}`) : poison.value, headers: Object.fromEntries(kept) };
}
