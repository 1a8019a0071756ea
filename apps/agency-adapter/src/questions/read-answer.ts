import { type Delivery, type KeySource, readDelivery } from '#consumer';
import { type DecryptionKeys, isEncrypted, type RecordObject } from '#envelope';
import type { ReceivedRecord } from '#record';
import { peekRequests } from './peek-requests.js';

/** What answers are verified with. */
export interface AnswerReading {
  readonly keys: KeySource;
  readonly now: () => Date;
  readonly decryption: DecryptionKeys;
}

/** A verified answer: a delivery that is bound to a question. */
export type Answer = Delivery & { readonly request: string };

/**
 * Reads a record of a delivery topic that may answer one of the questions `awaited`: undefined where it does not, or does not hold, which
 * whoever consumes the topic hears of. What is encrypted has to be opened to know.
 */
export async function readAnswer(
  record: ReceivedRecord,
  awaited: (digest: string) => boolean,
  { keys, now, decryption }: AnswerReading,
): Promise<Answer | undefined> {
  if (record.value === null) return undefined;
  if (!isEncrypted(record.value) && !peekRequests(record.value).some(awaited)) return undefined;
  const read = () => readDelivery(record, { keys: keys.current(), now: now(), decode: asItIs, decryption });
  let answer = read();
  if (!answer.ok && answer.fault.code === 'ENVELOPE_KEY_UNKNOWN') {
    await keys.refresh();
    answer = read();
  }
  if (!answer.ok) return undefined;
  const { request } = answer.delivery;
  return request !== undefined && awaited(request) ? { ...answer.delivery, request } : undefined;
}

const asItIs = (record: RecordObject): RecordObject => record;
