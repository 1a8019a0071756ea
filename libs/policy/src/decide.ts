import type { FaultReport } from '#faults';
import { type MemberId, memberOf, type RecordType, type SubsystemId } from '#record';
import { standingAt } from './agreement.js';
import { covers, overlap, type Path, pathsOf } from './fields.js';
import { type Candidate, type Grant, grantOf, type Policy, type ReadyTerms } from './policy.js';
import { CLASSES, type Fields, ORIGINS, type OriginStrength } from './terms.js';

/** Who asks for what, and why. */
export interface PolicyRequest {
  readonly consumer: SubsystemId;
  /** Who acts for the consumer, where it is not the consumer's own member. */
  readonly actor?: MemberId;
  /** The member that published the record. */
  readonly provider: MemberId;
  readonly type: RecordType;
  readonly purpose: string;
  /** How the origin of the record was proved. */
  readonly origin: OriginStrength;
  /** When the record was sealed, in milliseconds since 1970; absent: it is not about one record. */
  readonly sealedAt?: number;
  /** The fields asked for; absent: all that is agreed. */
  readonly fields?: Fields;
  /** Asks under one agreement only. */
  readonly agreement?: string;
}

/** Why one agreement does not permit. `pointer` points into the request, never at data of a record. */
export interface PolicyFault extends FaultReport {
  /** Absent where there is no agreement at all. */
  readonly agreement?: string;
}

/** Something may leave: under each grant its fields, with its obligations. There is at least one; they are ordered by agreement. */
export interface Permit {
  readonly permitted: true;
  readonly policyVersion: string;
  readonly grants: readonly [Grant, ...Grant[]];
}

/** Nothing may leave: every fault of every agreement that might have permitted it. */
export interface Refusal {
  readonly permitted: false;
  readonly policyVersion: string;
  readonly faults: readonly [PolicyFault, ...PolicyFault[]];
}

export type Decision = Permit | Refusal;

/**
 * May this consumer have this, under which agreements, which fields? Default deny; `now` is milliseconds since 1970. Agreements are judged
 * each by itself: a grant never mixes the fields of one with the obligations of another, so that taking an agreement away takes
 * away its grant and changes no other.
 */
export function decide(policy: Policy, request: PolicyRequest, now: number): Decision {
  const grants: Grant[] = [];
  const faults: PolicyFault[] = [];
  for (const candidate of policy.candidates.get(request.consumer)?.get(request.type) ?? []) {
    if (request.agreement !== undefined && request.agreement !== candidate.id) continue;
    const found = judge(candidate, request, policy.approved, now);
    if (Array.isArray(found)) for (const fault of found) faults.push({ ...fault, agreement: candidate.id });
    else grants.push(found);
  }
  const policyVersion = policy.version;
  const [grant, ...moreGrants] = grants;
  if (grant !== undefined) return { permitted: true, policyVersion, grants: [grant, ...moreGrants] };
  const [fault = { code: 'POLICY_NO_AGREEMENT' }, ...moreFaults] = faults;
  return { permitted: false, policyVersion, faults: [fault, ...moreFaults] };
}

/** The grant of one agreement, or everything that speaks against it. */
function judge(
  { line, begins, barred, ready }: Candidate,
  request: PolicyRequest,
  approved: ReadonlySet<MemberId>,
  now: number,
): Grant | FaultReport[] {
  if (line === undefined) return [{ code: 'POLICY_TERMS_INVALID' }];
  if (barred) return [{ code: 'POLICY_MEMBER_NOT_APPROVED' }];
  if (request.actor !== undefined && !approved.has(request.actor))
    return [{ code: 'POLICY_MEMBER_NOT_APPROVED', pointer: '/actor' }];
  const standing = standingAt(line, now);
  if (typeof standing === 'string') return [{ code: standing }];
  const version = ready.get(standing.version.terms.version);
  if (version === undefined) return [{ code: 'POLICY_TERMS_INVALID' }];
  const asked = request.fields ?? version.terms.fields;
  const places = request.fields === undefined ? version.paths : pathsOf(asked);
  const faults = [
    ...aboutParties(version, request),
    ...aboutPurpose(version, request, now),
    ...aboutTime(version, begins, request),
    ...aboutFields(version, asked, places, request),
  ];
  if (faults.length > 0) return faults;
  const { terms, whole, purpose, classified } = version;
  if (whole === undefined || purpose === undefined || classified === undefined)
    return [{ code: 'POLICY_CLASSIFICATION_UNKNOWN' }];
  return request.fields === undefined ? whole : grantOf(terms, asked, places, purpose.purpose.basis, classified);
}

function aboutParties({ terms }: ReadyTerms, { provider, consumer, actor, origin }: PolicyRequest): FaultReport[] {
  const faults: FaultReport[] = [];
  if (provider !== terms.provider) faults.push({ code: 'POLICY_PROVIDER_DIFFERS', pointer: '/provider' });
  if (actor !== undefined && actor !== terms.delegate && actor !== memberOf(consumer))
    faults.push({ code: 'POLICY_DELEGATE_FOREIGN', pointer: '/actor' });
  // A strength that is not known has index -1 and is weaker than all.
  if (ORIGINS.indexOf(origin) < ORIGINS.indexOf(terms.origin)) faults.push({ code: 'POLICY_ORIGIN_WEAK', pointer: '/origin' });
  return faults;
}

function aboutPurpose({ terms, purpose }: ReadyTerms, request: PolicyRequest, now: number): FaultReport[] {
  const pointer = '/purpose';
  if (request.purpose !== terms.purpose) return [{ code: 'POLICY_PURPOSE_DIFFERS', pointer }];
  if (purpose === undefined) return [{ code: 'POLICY_PURPOSE_UNKNOWN', pointer }];
  return now >= purpose.from && now < purpose.until ? [] : [{ code: 'POLICY_PURPOSE_NOT_IN_FORCE', pointer }];
}

/** An agreement on changes gives nothing that was sealed before it began. Asks for a yes, so that NaN is a no. */
function aboutTime({ terms }: ReadyTerms, begins: number, { sealedAt }: PolicyRequest): FaultReport[] {
  const fits = terms.begins !== 'changes' || sealedAt === undefined || sealedAt >= begins;
  return fits ? [] : [{ code: 'POLICY_BEFORE_BEGIN', pointer: '/sealedAt' }];
}

const SPECIAL = CLASSES.indexOf('special');

function aboutFields(
  { terms, paths, classified, whole }: ReadyTerms,
  asked: Fields,
  places: readonly Path[],
  request: PolicyRequest,
): FaultReport[] {
  if (classified === undefined) return [{ code: 'POLICY_CLASSIFICATION_UNKNOWN', pointer: '/type' }];
  if (request.fields === undefined) {
    const isBare = whole?.obligations.classification === 'special' && terms.specialBasis === undefined;
    return isBare ? [{ code: 'POLICY_SPECIAL_WITHOUT_BASIS' }] : [];
  }
  if (asked.length === 0) return [{ code: 'POLICY_FIELD_OUTSIDE', pointer: '/fields' }];
  const faults: FaultReport[] = [];
  for (const [i, place] of places.entries()) {
    const pointer = asked === 'record' ? '/fields' : `/fields/${i}`;
    const isPointer = asked === 'record' || asked[i]?.startsWith('/') === true;
    if (!isPointer || !paths.some((agreed) => covers(agreed, place))) faults.push({ code: 'POLICY_FIELD_OUTSIDE', pointer });
    const isSpecial = classified.some(({ path, rank }) => rank === SPECIAL && overlap(path, place));
    if (isSpecial && terms.specialBasis === undefined) faults.push({ code: 'POLICY_SPECIAL_WITHOUT_BASIS', pointer });
  }
  return faults;
}
