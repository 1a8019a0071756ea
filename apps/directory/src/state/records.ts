import type { MemberKey, MemberSystem, Participant, Purpose, SignedAgreement } from '#policy';

/** Something that was done: by an officer's name, or by a member with the key that signed. `at` is RFC 3339 to the second. */
export interface Done {
  readonly act: string;
  readonly by: string;
  readonly at: string;
  readonly why: string;
}

/** How an office of a member is reached; never published. */
export interface Contact {
  readonly role: string;
  readonly address: string;
}

/** What a member asked for that is not in force before an officer agrees: a key, or systems with endpoints that begin to receive. */
export interface Waiting {
  readonly id: string;
  readonly at: string;
  readonly systems?: readonly MemberSystem[];
  readonly key?: MemberKey;
}

/** A member as the directory keeps it. */
export interface MemberRecord extends Participant {
  readonly contacts: readonly Contact[];
  /** How it may join; the secret itself is only in the hands of the member. */
  readonly invitation?: { readonly hash: string; readonly until: string };
  /** Never published. */
  readonly waiting?: readonly Waiting[];
  /** Everything that was done to it, oldest first. */
  readonly acts: readonly Done[];
}

/** An entry of the purpose register. */
export interface PurposeRecord extends Purpose {
  readonly acts: readonly Done[];
}

/** An agreement with all its versions and signatures. */
export interface AgreementRecord extends SignedAgreement {
  readonly acts: readonly Done[];
}

/** How often the published content has changed, and what it was last. */
export interface VersionRecord {
  readonly version: number;
  readonly digest: string;
}

/** What lies on the topic `directory`, by the first word of its key. */
export interface Kinds {
  readonly member: MemberRecord;
  readonly purpose: PurposeRecord;
  readonly agreement: AgreementRecord;
  readonly version: VersionRecord;
}
export type Kind = keyof Kinds;

/** What everybody may see of a member. */
export function participantOf({
  contacts: _c,
  invitation: _i,
  waiting: _w,
  acts: _a,
  ...participant
}: MemberRecord): Participant {
  return participant;
}

/** The keys of a member that have not been revoked. */
export const keysInUse = ({ keys }: Pick<Participant, 'keys'>): readonly MemberKey[] =>
  keys.filter(({ revoked }) => revoked === undefined);

/** An instant as agreements and records have it: UTC, to the second. */
export const instant = (at: Date): string => at.toISOString().replace(/\.\d{3}Z$/, 'Z');
