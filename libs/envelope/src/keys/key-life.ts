import { FaultError } from '#faults';
import type { MemberId } from '#record';
import type { KeyDescription } from './custody.js';
import type { KeyAct, KeyProposal, KeyRecord, RevocationReason } from './key-record.js';

/** Who asks for something, when and why. */
export interface Asked {
  readonly by: string;
  readonly at: Date;
  readonly why: string;
}

/** What a person may ask for in the life of a key. */
export type KeyCommand =
  | { readonly act: 'activate' }
  | { readonly act: 'retire' }
  | { readonly act: 'revoke'; readonly reason: RevocationReason; readonly since: Date }
  | { readonly act: 'certify'; readonly certificate: string };

/** A new key: published, and signing nothing yet. */
export function pendingKey(key: KeyDescription, iss: MemberId, store: KeyRecord['store'], asked: Asked): KeyRecord {
  const { kid, alg, purpose, jwk } = key;
  // The clock of a key store may be ahead of ours; a key that is not valid yet could not be used.
  const created = new Date(Math.min(key.created.getTime(), asked.at.getTime())).toISOString();
  return { kid, alg, purpose, iss, jwk, store, state: 'pending', created, acts: [actOf('create', asked)] };
}

/** The first key of a purpose, which signs from its first moment: nothing can overlap with it, and nobody is there to confirm it. */
export function firstKey(key: KeyDescription, iss: MemberId, store: KeyRecord['store'], asked: Asked): KeyRecord {
  const pending = pendingKey(key, iss, store, asked);
  const acts = [...pending.acts, actOf('activate', asked)];
  return { ...pending, state: 'active', activated: asked.at.toISOString(), acts };
}

/** The rules beside the states. */
export interface LifeRules {
  /** How long a key must have been published before it signs, in seconds, so that every cache of the key set has seen it. */
  readonly pendingSeconds: number;
}

/**
 * The key and what changes with it after a command: none, itself, or itself and the key that it takes over from. Activating and revoking
 * take two persons: the first command leaves a proposal, the same command by another person carries it out. Activating retires the
 * key of the same owner and purpose in the same step, so that one signs at any time. Throws KEY_STATE where the state of the key does
 * not allow it, KEY_TOO_YOUNG, and KEY_FOUR_EYES where the same person asks twice.
 */
export function act(
  key: KeyRecord,
  all: readonly KeyRecord[],
  command: KeyCommand,
  asked: Asked,
  rules: LifeRules,
): readonly KeyRecord[] {
  switch (command.act) {
    case 'activate':
      return activate(key, all, asked, rules);
    case 'retire':
      return [retire(key, asked)];
    case 'revoke':
      return [revoke(key, command, asked)];
    case 'certify':
      if (key.certificate !== undefined) throw refused('it has a certificate already; a renewed one needs a new key');
      if (key.state === 'revoked' || key.state === 'retired') throw refused(`it is ${key.state}`);
      return [{ ...key, certificate: command.certificate, acts: [...key.acts, actOf('certify', asked)] }];
  }
}

function activate(key: KeyRecord, all: readonly KeyRecord[], asked: Asked, { pendingSeconds }: LifeRules): readonly KeyRecord[] {
  if (key.state !== 'pending') throw refused(`it is ${key.state}; only a pending key can be activated`);
  const before = all.filter(({ state, purpose, iss }) => state === 'active' && purpose === key.purpose && iss === key.iss);
  const age = (asked.at.getTime() - Date.parse(key.created)) / 1000;
  // Where no key signs there is nothing to overlap with, and waiting would only prolong the standstill.
  if (before.length > 0 && age < pendingSeconds)
    throw new FaultError('KEY_TOO_YOUNG', `${Math.ceil(pendingSeconds - age)} s are left`);
  const proposal = confirmed(key, 'activate', asked);
  if (proposal === undefined) return [propose(key, 'activate', asked)];
  const at = asked.at.toISOString();
  const active = settle(key, { state: 'active', activated: at }, doneOf('activate', proposal, asked));
  return [active, ...before.map((old) => settle(old, { state: 'retired', retired: at }, actOf('retire', asked)))];
}

function retire(key: KeyRecord, asked: Asked): KeyRecord {
  if (key.state === 'retired' || key.state === 'revoked') throw refused(`it is ${key.state}`);
  if (key.state === 'active' && key.store !== 'member') throw refused('it signs: activate its successor, which retires it');
  return settle(key, { state: 'retired', retired: asked.at.toISOString() }, actOf('retire', asked));
}

function revoke(key: KeyRecord, { reason, since }: KeyCommand & { act: 'revoke' }, asked: Asked): KeyRecord {
  if (key.state === 'revoked') throw refused('it is revoked');
  if (since.getTime() > asked.at.getTime()) throw refused('a key is revoked from now or from an earlier moment');
  const proposal = confirmed(key, 'revoke', asked);
  if (proposal === undefined) return propose(key, 'revoke', asked, { reason, since: since.toISOString() });
  // The second person confirms what the first one said, not what stands beside the confirmation.
  const revoked = { at: proposal.since ?? asked.at.toISOString(), reason: proposal.reason ?? reason };
  return settle(key, { state: 'revoked', revoked }, doneOf('revoke', proposal, asked));
}

/** A proposal of another person for this act; undefined where there is none. */
function confirmed({ proposal }: KeyRecord, wanted: KeyProposal['act'], { by }: Asked): KeyProposal | undefined {
  if (proposal?.act !== wanted) return undefined;
  if (proposal.by === by) throw new FaultError('KEY_FOUR_EYES', `${by} asked for it; another person must confirm`);
  return proposal;
}

function propose(key: KeyRecord, wanted: KeyProposal['act'], asked: Asked, more: Partial<KeyProposal> = {}): KeyRecord {
  const { by, why } = asked;
  const proposal = { act: wanted, by, at: asked.at.toISOString(), why, ...more };
  return { ...key, proposal, acts: [...key.acts, actOf(`propose-${wanted}`, asked)] };
}

/** The key in its new state; whatever was proposed is settled by it. */
function settle({ proposal: _settled, ...key }: KeyRecord, change: Partial<KeyRecord>, done: KeyAct): KeyRecord {
  return { ...key, ...change, acts: [...key.acts, done] };
}

const actOf = (name: KeyAct['act'], { by, at, why }: Asked): KeyAct => ({ act: name, by, at: at.toISOString(), why });
const doneOf = (name: KeyAct['act'], proposal: KeyProposal, { by, at }: Asked): KeyAct => ({
  act: name,
  by: proposal.by,
  confirmedBy: by,
  at: at.toISOString(),
  why: proposal.why,
});
const refused = (why: string) => new FaultError('KEY_STATE', why);
