import { isDisclosable, present } from '#envelope';
import type { Fields } from '#policy';

/** Beside its fields a consumer always learns whose record it is: the pseudonym that the agreement allows. */
const ALWAYS: readonly string[] = ['/sub', '/event/subject'];

/**
 * The envelope with the agreed fields only. Digest and salt of the whole record are disclosed with the whole record alone: with them the
 * fields that are hidden could be guessed and tried.
 */
export function fieldsOf(envelope: Buffer, fields: Fields): Buffer {
  if (fields === 'record' || !isDisclosable(envelope)) return envelope;
  const allowed = new Set([...ALWAYS, ...fields.map((pointer) => `/record${pointer}`)]);
  return present(envelope, (pointer) => allowed.has(pointer));
}
