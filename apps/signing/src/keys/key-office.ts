import { type KeyCustody, type KeyDescription, type KeyPurpose, type KeyRecord, type Salter } from '#envelope';
import { AUDIT_TOPIC } from '#evidence';
import { FaultError } from '#faults';
import type { MemberId } from '#record';
import { assertEpoch, type StreamClient } from '#stream';
import type { Logger } from '#telemetry';
import { KeyRegister } from './key-register.js';
import { KeyRing } from './key-ring.js';
import { proveKeys } from './prove-keys.js';

/** What keeping the keys of an instance takes. */
export interface OfficeParts {
  readonly client: StreamClient;
  readonly custody: KeyCustody;
  readonly iss: MemberId;
  readonly salt: Salter;
  readonly topic: string;
  readonly pendingSeconds: number;
  readonly overlapSeconds: number;
  /** Whether a sealing key that differs from the one in use before the register was there may be taken. */
  readonly newEpoch: boolean;
  readonly now: () => Date;
  readonly log: Logger;
}

/** The keys of an instance: who may decide on them, and how they are used. */
export interface KeyOffice {
  readonly register: KeyRegister;
  readonly ring: KeyRing;
}

/**
 * Reads the states of all keys, sees to it at the first start that one seals and one signs key sets, and proves the sealing key with
 * the set exactly as it is published. Where keys exist and none is active, it starts all the same, since an officer must be able
 * to activate one. Throws KEY_UNPROVEN, KEY_ABSENT, KEY_STORE_UNAVAILABLE and KEY_EPOCH_CHANGED.
 */
export async function openKeyOffice(parts: OfficeParts): Promise<KeyOffice> {
  const { client, custody, iss, salt, topic, now, log } = parts;
  const table = client.table(topic);
  const register: KeyRegister = new KeyRegister({
    table,
    topic,
    openWriter: () => client.fencedWriter('keys', [topic, AUDIT_TOPIC]),
    custody,
    iss,
    rules: { pendingSeconds: parts.pendingSeconds },
    now,
    prove: (key) => proveAlone(ring, key, now()),
    onAct: ({ kid, purpose, state, acts, proposal }) =>
      log.info('key changed', { kid, purpose, state, act: acts.at(-1)?.act, by: acts.at(-1)?.by, proposed: proposal?.act }),
  });
  const ring: KeyRing = new KeyRing({ register, custody, iss, salt, overlapSeconds: parts.overlapSeconds, now });
  table.onChange(() => ring.changed());
  await client.fencedWriter('keys', [topic, AUDIT_TOPIC]).then((writer) => writer.close()); // completes a torn write, which the table would wait for
  await table.start();
  await ensure(register, 'sealing', log, async (key) => {
    const { changed } = await assertEpoch(client, 'sealing-key', key.kid, parts.newEpoch);
    if (changed) log.warn('a new epoch began', { purpose: 'sealing-key', fingerprint: key.kid });
  });
  await ensure(register, 'key-set', log, async () => undefined);
  const sealing = register.active('sealing');
  if (sealing !== undefined) {
    await proveKeys(ring.sealer(), ring.keySet(), now());
    log.info('key proven', { kid: sealing.kid, issuer: iss, store: custody.store });
  }
  return { register, ring };
}

async function ensure(
  register: KeyRegister,
  purpose: KeyPurpose,
  log: Logger,
  adopt: (key: KeyDescription) => Promise<void>,
): Promise<void> {
  try {
    const { key, made } = await register.ensure(purpose, 'ES256', adopt);
    if (made) log.warn('key made: keep a copy of its store', { kid: key.kid, purpose });
  } catch (error) {
    if (!(error instanceof FaultError && error.code === 'KEY_NONE_ACTIVE')) throw error;
    log.error('no key is active: activate one with khidi key activate', { purpose });
  }
}

/** A key that is about to sign for us must sign what its published form verifies. */
async function proveAlone(ring: KeyRing, key: KeyRecord, now: Date): Promise<void> {
  if (key.purpose === 'sealing') await proveKeys(ring.sealerWith(key), ring.setWith(key), now);
  else await ring.proveSetKey(key);
}
