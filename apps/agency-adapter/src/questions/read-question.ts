import { randomUUID } from 'node:crypto';
import { canonicalize, isJsonObject, type JsonObject, parseStrict } from '#canonical';
import { requestDigest } from '#consumer';
import { ProblemException, wrong } from '#http';
import type { RecordType } from '#record';

/** A question as it goes on the road. */
export interface Question {
  readonly id: string;
  /** Whether the caller named it, and so may have asked it before. */
  readonly named: boolean;
  readonly purpose: string;
  /** What names it in the answer. */
  readonly digest: string;
  readonly data: Buffer;
}

/**
 * The question in a body: the members of its record, of which `about` is the type of the path and an absent `id` is made. Whether the rest is
 * right is judged on the road. Throws DOOR_FRAMING and DOOR_PARAMETER, which quote nothing.
 */
export function readQuestion(body: Buffer, about: RecordType): Question {
  const parsed = parseStrict(body);
  if (!parsed.ok || !isJsonObject(parsed.value)) {
    throw new ProblemException('DOOR_FRAMING', { detail: parsed.ok ? 'a question is a JSON object' : parsed.code });
  }
  const { id = randomUUID(), about: type = about, purpose } = parsed.value;
  if (typeof id !== 'string' || id === '') throw wrong('id is a text that was never used before, like a UUID');
  if (type !== about) throw wrong('about is another record type than the path');
  if (typeof purpose !== 'string') throw wrong('purpose is missing: its id in the register');
  const record: JsonObject = { ...parsed.value, id, about };
  const named = parsed.value.id !== undefined;
  return { id, named, purpose, digest: requestDigest(record), data: Buffer.from(canonicalize(record)) };
}
