import { sha256Base64url } from '#canonical';
import { FaultError } from '#faults';
import type { MemberKey, MemberLevel, MemberSystem } from '#policy';
import type { MemberId, Registry } from '#record';
import { type Contact, type Done, instant, keysInUse, type MemberRecord } from '../state/records.js';

/** Who asks for something, when and why. */
export interface Asked {
  readonly by: string;
  readonly at: Date;
  readonly why: string;
}

/** What an officer says of a member when inviting it. */
export interface Invitation {
  readonly id: MemberId;
  readonly name: string;
  readonly level: MemberLevel;
  readonly parent?: MemberId;
  readonly registries: readonly Registry[];
  readonly contacts: readonly Contact[];
}

/** How long an invitation may be used. */
const INVITATION_DAYS = 14;
const DAY_MS = 24 * 3_600_000;

/** Only this stands in the directory of an invitation's secret, which nobody can guess. */
export const invitationHash = (secret: string): string => sha256Base64url(Buffer.from(secret));

/**
 * A member that may join with the secret whose hash is given. One that is invited already gets a new secret instead, and the old one is
 * void. Throws MEMBER_STATE for one that has joined.
 */
export function invite(known: MemberRecord | undefined, invitation: Invitation, hash: string, asked: Asked): MemberRecord {
  if (known !== undefined && known.state !== 'invited') throw refused(`it is ${known.state}`);
  const until = instant(new Date(asked.at.getTime() + INVITATION_DAYS * DAY_MS));
  return {
    ...invitation,
    state: 'invited',
    since: instant(asked.at),
    systems: [],
    keys: [],
    invitation: { hash, until },
    acts: [...(known?.acts ?? []), done('invite', asked)],
  };
}

/**
 * The member with its keys, whose proofs the caller has checked, and its systems; its invitation is used up. Throws
 * MEMBER_INVITATION_INVALID.
 */
export function join(
  member: MemberRecord,
  hash: string,
  keys: readonly MemberKey[],
  systems: readonly MemberSystem[],
  at: Date,
): MemberRecord {
  const { invitation, ...rest } = member;
  if (member.state !== 'invited' || invitation?.hash !== hash || !(at < new Date(invitation.until)))
    throw new FaultError('MEMBER_INVITATION_INVALID');
  const asked = { by: member.id, at, why: 'invitation' };
  return { ...rest, keys, systems, state: 'joined', since: instant(at), acts: [...member.acts, done('join', asked)] };
}

/**
 * Lets a member take part, or take part again. Whoever invited or suspended it must not be who approves: throws DIRECTORY_FOUR_EYES, and
 * MEMBER_STATE where there is nothing to approve.
 */
export function approve(member: MemberRecord, asked: Asked): MemberRecord {
  if (member.state !== 'joined' && member.state !== 'suspended') throw refused(`it is ${member.state}`);
  const open = member.acts.slice(member.acts.findLastIndex(({ act }) => act === 'approve') + 1);
  const own = open.find(({ act, by }) => (act === 'invite' || act === 'suspend') && by === asked.by);
  if (own !== undefined) throw new FaultError('DIRECTORY_FOUR_EYES', `${asked.by} did the ${own.act}`);
  return moved(member, 'approved', done('approve', asked));
}

/** Stops a member at once: one person suffices, since it only takes away. Throws MEMBER_STATE. */
export function suspend(member: MemberRecord, asked: Asked): MemberRecord {
  if (member.state !== 'approved') throw refused(`it is ${member.state}`);
  return moved(member, 'suspended', done('suspend', asked));
}

/** From now on nothing that the key signs holds; what the directory saw before does. Throws MEMBER_STATE. */
export function revokeKey(member: MemberRecord, kid: string, asked: Asked): MemberRecord {
  if (!keysInUse(member).some((key) => key.kid === kid)) throw refused('it has no such key in use');
  const revoked = { revoked_at: Math.floor(asked.at.getTime() / 1000) };
  const keys = member.keys.map((key) => (key.kid === kid ? { ...key, revoked } : key));
  return { ...member, keys, acts: [...member.acts, done(`revoke-key ${kid}`, asked)] };
}

function moved(member: MemberRecord, state: 'approved' | 'suspended', act: Done): MemberRecord {
  return { ...member, state, since: act.at, acts: [...member.acts, act] };
}

const done = (act: string, { by, at, why }: Asked): Done => ({ act, by, at: instant(at), why });
const refused = (why: string) => new FaultError('MEMBER_STATE', why);
