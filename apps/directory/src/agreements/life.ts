import { misfit, revocationText, type Side } from '#configuration';
import { type KeySet, readKeySet } from '#envelope';
import { FaultError } from '#faults';
import { type AgreementTerms, agreementText, instantOf, termsFaults } from '#policy';
import { type MemberId, memberOf } from '#record';
import type { DirectoryState } from '../state/directory-state.js';
import { type AgreementRecord, instant, type MemberRecord } from '../state/records.js';

/** What agreements are judged by. */
export type Known = Pick<DirectoryState, 'member' | 'purpose' | 'agreement'>;

/** An agreement after an act of a member, and the member. */
export interface Acted {
  readonly agreement: AgreementRecord;
  readonly by: MemberId;
}

const SIDES: readonly Side[] = ['provider', 'consumer'];

/**
 * A new agreement, or the next version of one, signed by the side that proposes it. Both sides must be approved and the purpose known.
 * Throws POLICY_TERMS_INVALID, POLICY_PURPOSE_UNKNOWN, MEMBER_UNKNOWN, MEMBER_NOT_APPROVED, MEMBER_SUSPENDED, AGREEMENT_SIGNATURE
 * and AGREEMENT_STATE.
 */
export function propose(known: Known, terms: AgreementTerms, jws: string, at: Date): Acted {
  const [fault] = termsFaults(terms);
  if (fault !== undefined) throw new FaultError('POLICY_TERMS_INVALID', fault.pointer);
  if (known.purpose(terms.purpose) === undefined) throw new FaultError('POLICY_PURPOSE_UNKNOWN');
  const before = known.agreement(terms.id);
  const versions = before?.versions ?? [];
  if (before?.revoked !== undefined) throw refused('it is revoked');
  if (terms.version !== versions.length + 1) throw refused(`its next version is ${versions.length + 1}`);
  const [first] = versions;
  const same = first === undefined || PARTIES.every((name) => first.terms[name] === terms[name]);
  if (!same) throw refused('provider, consumer and type are the same in all versions');
  if (!(at.getTime() < instantOf(terms.until))) throw refused('its time is over');
  const { by, acceptances } = signedBy(known, terms, jws, at);
  const version = { terms, acceptances };
  const act = { act: `propose ${terms.version}`, by, at: instant(at), why: 'signed by the member' };
  return { agreement: { id: terms.id, versions: [...versions, version], acts: [...(before?.acts ?? []), act] }, by };
}

/**
 * The same with the signature of the other side over its latest version. Throws AGREEMENT_UNKNOWN, AGREEMENT_STATE where that side has
 * signed already or the version is not the latest, AGREEMENT_SIGNATURE, and what speaks against a member.
 */
export function accept(known: Known, id: string, number: number, jws: string, at: Date): Acted {
  const agreement = found(known, id);
  const version = agreement.versions.find(({ terms }) => terms.version === number);
  if (version === undefined) throw new FaultError('AGREEMENT_UNKNOWN', `it has ${agreement.versions.length} versions`);
  if (agreement.revoked !== undefined) throw refused('it is revoked');
  if (version !== agreement.versions.at(-1)) throw refused('a later version was proposed');
  const { by, acceptances } = signedBy(known, version.terms, jws, at);
  if (SIDES.every((side) => acceptances[side] === undefined || version.acceptances[side] !== undefined))
    throw refused('this side has accepted it already');
  const accepted = { ...version, acceptances: { ...acceptances, ...version.acceptances } };
  const act = { act: `accept ${number}`, by, at: instant(at), why: 'signed by the member' };
  const versions = agreement.versions.map((one) => (one === version ? accepted : one));
  return { agreement: { ...agreement, versions, acts: [...agreement.acts, act] }, by };
}

/**
 * Ends all versions at once and for good, by the signature of either side; a member that is suspended may still do it. Throws
 * AGREEMENT_UNKNOWN, AGREEMENT_STATE and AGREEMENT_SIGNATURE.
 */
export function revoke(known: Known, id: string, why: string, jws: string, at: Date): Acted {
  const agreement = found(known, id);
  if (agreement.revoked !== undefined) throw refused('it is revoked');
  const [first] = agreement.versions;
  if (first === undefined) throw new FaultError('AGREEMENT_UNKNOWN', id);
  const seen = new Date(instantOf(instant(at)));
  const by = partiesOf(first.terms).find((member) => {
    const record = known.member(member);
    return record !== undefined && misfit('revocation', revocationText(id, why), jws, keysOf(record), seen) === undefined;
  });
  if (by === undefined) throw new FaultError('AGREEMENT_SIGNATURE');
  const act = { act: 'revoke', by, at: instant(at), why };
  return { agreement: { ...agreement, revoked: instant(at), acts: [...agreement.acts, act] }, by };
}

const PARTIES = ['provider', 'consumer', 'type'] as const;
const partiesOf = ({ provider, consumer }: AgreementTerms) => [provider, memberOf(consumer)] as const;

function found(known: Known, id: string): AgreementRecord {
  const agreement = known.agreement(id);
  if (agreement === undefined) throw new FaultError('AGREEMENT_UNKNOWN');
  return agreement;
}

/** The sides for which the signature holds: one, or both where they are of one member. */
function signedBy(known: Known, terms: AgreementTerms, jws: string, at: Date) {
  const members = partiesOf(terms).map((id) => approved(known, id));
  const seen = new Date(instantOf(instant(at)));
  const acceptance = { at: instant(at), jws };
  const text = agreementText(terms);
  const signed = members.map((member) => misfit('agreement', text, jws, keysOf(member), seen) === undefined);
  const by = members[signed.indexOf(true)];
  if (by === undefined) throw new FaultError('AGREEMENT_SIGNATURE');
  const [provider, consumer] = signed;
  return {
    by: by.id,
    acceptances: {
      ...(provider === true ? { provider: acceptance } : {}),
      ...(consumer === true ? { consumer: acceptance } : {}),
    },
  };
}

function approved(known: Known, id: MemberId): MemberRecord {
  const member = known.member(id);
  if (member === undefined) throw new FaultError('MEMBER_UNKNOWN', id);
  if (member.state === 'approved') return member;
  throw new FaultError(member.state === 'suspended' ? 'MEMBER_SUSPENDED' : 'MEMBER_NOT_APPROVED', id);
}

const keysOf = ({ keys }: MemberRecord): KeySet => readKeySet({ keys: keys.filter(({ use }) => use === 'sig') });
const refused = (why: string) => new FaultError('AGREEMENT_STATE', why);
