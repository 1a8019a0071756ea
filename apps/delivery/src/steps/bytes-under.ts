import { encryptEnvelope, isDisclosable, isEncrypted, present } from '#envelope';
import type { Fields } from '#policy';
import type { Ruling } from './rule.js';

/** Beside its fields a consumer always learns whose record it is: the pseudonym that the agreement allows. */
const ALWAYS: readonly string[] = ['/sub', '/event/subject'];

/**
 * The envelope with the agreed fields only. Digest and salt of the whole record are disclosed with the whole record alone: with them the
 * fields that are hidden could be guessed and tried.
 */
function fieldsOf(envelope: Buffer, fields: Fields, always: readonly string[]): Buffer {
  if (fields === 'record' || !isDisclosable(envelope)) return envelope;
  const allowed = new Set([...always, ...fields.map((pointer) => `/record${pointer}`)]);
  return present(envelope, (pointer) => allowed.has(pointer));
}

/** The bytes that leave under a ruling: the agreed fields only, and encrypted where that is agreed. What is encrypted already stays so. */
export function bytesUnder(value: Buffer, { fields, key, subject }: Extract<Ruling, { kind: 'deliver' }>): Buffer {
  if (isEncrypted(value)) return value;
  const shown = fieldsOf(value, fields, subject === undefined ? ALWAYS : []);
  return key === undefined ? shown : encryptEnvelope(shown, key);
}
