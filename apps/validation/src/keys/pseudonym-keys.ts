import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { FaultError } from '#faults';
import type { Registry } from '#record';
import { openOrCreateSealedFile, type Secret } from '#settings';
import { type KeyedHash, keyedHash } from '../steps/keyed-hash.js';

const KEY_BYTES = 32;
/** The pseudonym master key in the folder of keys. */
const FILE = 'pseudonym-key.json';

/** What is derived from the pseudonym master key (HKDF-SHA-256, RFC 5869). */
export interface PseudonymKeys {
  /** Identifier → pseudonym. Registries have keys of their own, so that their pseudonyms cannot be joined. */
  of(registry: Registry): KeyedHash;
  /** Event type, zero byte, canonical record → what tells same content from other content. */
  readonly content: KeyedHash;
  /** Names the master key without giving it away; recorded as the epoch of the instance. */
  readonly fingerprint: string;
}

/** Derives all keys. Throws KEY_FILE_UNREADABLE for a master key that is not 32 bytes, KEY_UNPROVEN where hashing goes wrong. */
export function pseudonymKeys(master: Buffer): PseudonymKeys {
  if (master.length !== KEY_BYTES) throw new FaultError('KEY_FILE_UNREADABLE', `a pseudonym master key has ${KEY_BYTES} bytes`);
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', master, '', `khidi 1 ${purpose}`, KEY_BYTES));
  const registries = new Map<Registry, KeyedHash>();
  return {
    of(registry) {
      const known = registries.get(registry) ?? proven(derive(`pseudonym ${registry}`));
      registries.set(registry, known);
      return known;
    },
    content: proven(derive('content')),
    fingerprint: derive('fingerprint').toString('base64url'),
  };
}

/** A wrong pseudonym would part a subject from its history for ever, so no key is used before it was compared with Node's own. */
function proven(key: Buffer): KeyedHash {
  const hash = keyedHash(key);
  const probe = 'khidi ხიდი';
  if (hash(probe) !== createHmac('sha256', key).update(probe).digest('base64url')) {
    throw new FaultError('KEY_UNPROVEN', 'the keyed hash differs from HMAC-SHA-256');
  }
  return hash;
}

/** Opens the master key in `folder`, or makes it at the first start. Throws KEY_FILE_UNREADABLE and KEY_FILE_EXPOSED. */
export function openPseudonymKeys(
  folder: string,
  passphrase: Secret,
): { readonly keys: PseudonymKeys; readonly created: boolean } {
  const { content, created } = openOrCreateSealedFile(join(folder, FILE), passphrase, () => randomBytes(KEY_BYTES));
  return { keys: pseudonymKeys(content), created };
}
