import type { MemberId } from '#record';
import { type OrRefusal, refuse, type SentEvent } from '../door-event.js';
import { derivedId } from '../steps/derived-id.js';
import type { Row } from './expression.js';
import type { Mapping } from './mapping-file.js';

/** Turns a row into a record event by a mapping. Refuses with DOOR_MAPPING that names the field, never the value. */
export async function applyMapping(mapping: Mapping, member: MemberId, row: Row): Promise<OrRefusal<{ event: SentEvent }>> {
  const fields: string[] = [];
  for (const [name, expression] of mapping.fields) {
    const json = await fieldText(expression, row);
    if (json === undefined) return refuse('DOOR_MAPPING', `the field ${name} could not be computed`);
    if (json !== '') fields.push(`${JSON.stringify(name)}:${json}`);
  }
  const data = Buffer.from(`{${fields.join(',')}}`);
  const id = await eventId(mapping, member, row, data);
  if (id === undefined) return refuse('DOOR_MAPPING', 'the event id could not be computed');
  const { type, dataschema } = mapping;
  return { ok: true, event: { attributes: { specversion: '1.0', id, type, dataschema }, data } };
}

async function eventId(mapping: Mapping, member: MemberId, row: Row, data: Buffer): Promise<string | undefined> {
  if (mapping.eventId === undefined) return derivedId(member, mapping.type, data);
  try {
    const id = await mapping.eventId(row);
    return typeof id === 'string' && id !== '' ? id : undefined;
  } catch {
    return undefined; // the reason may quote the row
  }
}

/** The JSON text of a field; empty where it is left out; undefined where it cannot be computed or has no JSON form. */
async function fieldText(expression: Mapping['fields'][number][1], row: Row): Promise<string | undefined> {
  try {
    return JSON.stringify(await expression(row), refuseSilentLoss) ?? '';
  } catch {
    return undefined; // the reason may quote the row
  }
}

/** JSON.stringify turns infinities into null and drops functions; a mapping that gives them is wrong. */
function refuseSilentLoss(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('not a finite number');
  if (typeof value === 'function') throw new Error('a function is not a value');
  if (typeof value === 'object' && value !== null && ('_jsonata_function' in value || '_jsonata_lambda' in value))
    throw new Error('a function is not a value');
  return value;
}
