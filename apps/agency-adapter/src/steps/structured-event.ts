import { isUtf8 } from 'node:buffer';
import { sliceMembers } from '#canonical';
import { type OrRefusal, refuse, type SentEvent } from '../door-event.js';

const STRINGS = [
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'dataschema',
  'datacontenttype',
  'traceparent',
  'khidiaudience',
  'khidirequest',
] as const;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const INTEGER = /^-?(?:0|[1-9][0-9]{0,15})$/;

/**
 * Reads one event in the CloudEvents JSON format 1.0. `data` is cut out of the bytes as it stands and is never serialised again;
 * what stands in it is judged on the road. Refuses with DOOR_FRAMING.
 */
export function readStructuredEvent(bytes: Buffer): OrRefusal<{ event: SentEvent }> {
  const members = sliceMembers(bytes);
  if (members === undefined) return refuse('DOOR_FRAMING', 'this is not one JSON object with each member once');
  const attributes: Record<string, string> = {};
  for (const name of STRINGS) {
    const at = members.get(name);
    if (at === undefined) continue;
    const value = readString(bytes.subarray(at.start, at.end));
    if (value === undefined) return refuse('DOOR_FRAMING', `the attribute ${name} is not a string`);
    if (value !== null) attributes[name] = value;
  }
  const sequence = members.get('sequence');
  if (sequence !== undefined) {
    const raw = bytes.subarray(sequence.start, sequence.end);
    const value = INTEGER.test(raw.toString('latin1')) ? raw.toString('latin1') : readString(raw);
    if (value === undefined) return refuse('DOOR_FRAMING', 'the attribute sequence is neither a string nor an integer');
    if (value !== null) attributes.sequence = value;
  }
  const data = readData(bytes, members.get('data'), members.get('data_base64'));
  if (data === undefined)
    return refuse('DOOR_FRAMING', 'data and data_base64 exclude each other, and the latter is base64', attributes.id);
  return { ok: true, event: { attributes, data } };
}

interface Slice {
  readonly start: number;
  readonly end: number;
}

function readData(bytes: Buffer, data: Slice | undefined, base64: Slice | undefined): Buffer | undefined {
  if (base64 === undefined) return data === undefined ? Buffer.alloc(0) : bytes.subarray(data.start, data.end);
  const text = data === undefined ? readString(bytes.subarray(base64.start, base64.end)) : undefined;
  return typeof text === 'string' && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** The value of a JSON string; null for `null`, which means absent; undefined for anything else. */
function readString(raw: Buffer): string | null | undefined {
  if (!isUtf8(raw)) return undefined;
  try {
    const value: unknown = JSON.parse(raw.toString('utf8'));
    return typeof value === 'string' || value === null ? value : undefined;
  } catch {
    return undefined; // the slice is no JSON value
  }
}
