import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FaultError } from '#faults';
import type { SubjectUrn, SubsystemId } from '#record';
import { openOrCreateSealedFile, type Secret } from '#settings';

const KEY_BYTES = 32;
/** The master key in the folder of keys. */
const FILE = 'consumer-pseudonym-key.json';

/** Under which name one consumer knows a subject. */
export interface ConsumerPseudonyms {
  /** The same for ever for one consumer and subject, and another one for every other consumer; without the key nobody can tell which is whose. */
  of(consumer: SubsystemId, subject: SubjectUrn): SubjectUrn;
  /** Names the master key without giving it away; recorded as the epoch of the instance. */
  readonly fingerprint: string;
}

/** Derives a key for each consumer (HKDF-SHA-256, RFC 5869) and hashes subjects with it. Throws KEY_FILE_UNREADABLE for a key of another length. */
export function consumerPseudonyms(master: Buffer): ConsumerPseudonyms {
  if (master.length !== KEY_BYTES) throw new FaultError('KEY_FILE_UNREADABLE', `a pseudonym master key has ${KEY_BYTES} bytes`);
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', master, '', `khidi 1 consumer-pseudonym ${purpose}`, KEY_BYTES));
  const keys = new Map<SubsystemId, Buffer>();
  return {
    of(consumer, subject) {
      const key = keys.get(consumer) ?? derive(`of ${consumer}`);
      keys.set(consumer, key);
      const registry = subject.slice(0, subject.lastIndexOf(':'));
      return `${registry}:${createHmac('sha256', key).update(subject).digest('base64url')}` as SubjectUrn;
    },
    fingerprint: derive('fingerprint').toString('base64url'),
  };
}

/** Opens the master key in `folder`, or makes it at the first start; `made` names its file then. Throws KEY_FILE_EXPOSED and KEY_FILE_UNREADABLE. */
export function openConsumerPseudonyms(
  folder: string,
  passphrase: Secret,
): { readonly pseudonyms: ConsumerPseudonyms; readonly made?: string } {
  const file = join(folder, FILE);
  const { content, created } = openOrCreateSealedFile(file, passphrase, () => randomBytes(KEY_BYTES));
  return { pseudonyms: consumerPseudonyms(content), ...(created ? { made: file } : {}) };
}
