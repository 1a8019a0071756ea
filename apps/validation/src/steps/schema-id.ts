import { HEADER, type HeaderBytes } from '#record';
import type { SchemaId } from './sent-event.js';

const BY_NUMBER = 0;
const BY_GUID = 1;
const NUMBER_BYTES = 5;
const GUID_BYTES = 17;

/** What a serializer of Confluent's API says about a value, and the value without it. */
export interface Serialized {
  readonly schemaId: SchemaId;
  readonly data: Buffer;
}

/**
 * The schema that Confluent's serializers name: in the header `__value_schema_id`, or in front of the value, where 0x00 and four bytes are
 * an id and 0x01 and sixteen a GUID. No JSON text begins with these bytes. Undefined where neither is there.
 */
export function serializedWith(headers: HeaderBytes, value: Buffer): Serialized | undefined {
  const header = headers[HEADER.valueSchemaId];
  if (header !== undefined) {
    const id = Buffer.isBuffer(header) ? readId(header) : undefined;
    return { schemaId: id?.length === (header as Buffer).length ? id.name : 'malformed', data: value };
  }
  if (value[0] !== BY_NUMBER && value[0] !== BY_GUID) return undefined;
  const id = readId(value);
  return { schemaId: id?.name ?? 'malformed', data: value.subarray(id?.length ?? value.length) };
}

/** How the registry's table names an id. */
export const idName = (id: number): SchemaId => `id ${id}`;
/** How the registry's table names a GUID. */
export const guidName = (guid: string): SchemaId => `guid ${guid.replaceAll('-', '')}`;

function readId(bytes: Buffer): { name: SchemaId; length: number } | undefined {
  if (bytes[0] === BY_NUMBER && bytes.length >= NUMBER_BYTES)
    return { name: idName(bytes.readUInt32BE(1)), length: NUMBER_BYTES };
  if (bytes[0] === BY_GUID && bytes.length >= GUID_BYTES)
    return { name: guidName(bytes.toString('hex', 1, GUID_BYTES)), length: GUID_BYTES };
  return undefined;
}
