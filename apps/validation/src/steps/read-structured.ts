import { parseStrict, sliceMembers } from '#canonical';
import { type FaultReport, faultReport } from '#faults';
import { attributeFault, NO_ATTRIBUTES, type Sent, type SentAttributes, type SentEvent, unreadable } from './sent-event.js';

/**
 * Reads the JSON event format of CloudEvents 1.0. The bytes of `data` are cut out as they were sent, never written anew.
 * Unreadable is what is not one JSON object: with its JSON fault, or EVENT_ATTRIBUTE_MISSING for another JSON value.
 */
export function readStructured(bytes: Buffer): SentEvent {
  const members = sliceMembers(bytes);
  if (members === undefined) {
    const whole = parseStrict(bytes);
    return unreadable(whole.ok ? 'EVENT_ATTRIBUTE_MISSING' : whole.code);
  }
  const faults: FaultReport[] = [];
  const attributes: Record<string, Sent> = { ...NO_ATTRIBUTES };
  let data: Buffer | null = null;
  for (const [name, { start, end }] of members) {
    const raw = bytes.subarray(start, end);
    if (name === 'data') data = raw;
    else if (Object.hasOwn(NO_ATTRIBUTES, name)) attributes[name] = readAttribute(raw);
    else refuseUnlessJson(raw, faults);
  }
  // CloudEvents has it for data that is not JSON; a registry record always is.
  if (members.has('data_base64')) faults.push(attributeFault('EVENT_ATTRIBUTE_INVALID', 'data_base64'));
  // By the event format, data without a declared type is JSON.
  attributes.datacontenttype ??= members.has('datacontenttype') ? attributes.datacontenttype : 'application/json';
  return { attributes: attributes as unknown as SentAttributes, data, faults, unreadable: false };
}

/** A JSON null is the same as an absent attribute (event format, section 2.2). */
function readAttribute(raw: Buffer): Sent {
  const read = parseStrict(raw);
  if (!read.ok) return null;
  if (read.value === null) return undefined;
  return typeof read.value === 'string' ? read.value : null;
}

/** Extension attributes are not passed on, but the event around the record must be strict JSON as well. */
function refuseUnlessJson(raw: Buffer, faults: FaultReport[]): void {
  const read = parseStrict(raw);
  if (!read.ok) faults.push(faultReport(read.code, '/*', 'attribute')); // the name may be data, so it is not told
}
