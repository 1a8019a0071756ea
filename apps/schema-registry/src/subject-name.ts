import { readIngressTopic } from '#record';
import { RegistryError } from './registry-error.js';

const SUBJECT = /^[A-Za-z0-9._-]{1,249}$/;
const VALUE = '-value';

/**
 * The subject that a path names. Stock serializers ask for `<topic>-value`: for an ingress topic that is the subject of its record
 * type. Throws 42208 for a name that no topic could have.
 */
export function subjectName(raw: string): string {
  if (!SUBJECT.test(raw)) throw new RegistryError(42208, 'A subject is 1 to 249 of the characters A-Z a-z 0-9 . _ -');
  const topic = raw.endsWith(VALUE) ? readIngressTopic(raw.slice(0, -VALUE.length)) : undefined;
  return topic?.type ?? raw;
}
