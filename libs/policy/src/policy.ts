import { type MemberId, memberOf, type RecordType, type SubsystemId } from '#record';
import { type Agreement, agreementFits, type Timeline, timeline } from './agreement.js';
import { type Classified, type ClassifiedPath, classifiedPaths, classOf, type Path, pathsOf } from './fields.js';
import { instantOf, isBasis } from './read-terms.js';
import type { AgreementTerms, Classification, Fields, LegalBasis, Purpose, Quota } from './terms.js';

/** Everything that decisions rest on, as data. The caller has checked where it comes from and that it has not expired. */
export interface PolicySource {
  /** Names this state of the data in every decision: the digest or version of the published configuration. */
  readonly version: string;
  /** The members that take part: what concerns any other is refused. */
  readonly approved: readonly MemberId[];
  readonly purposes: readonly Purpose[];
  readonly agreements: readonly Agreement[];
  /** By record type. */
  readonly classifications: Readonly<Record<string, Classified>>;
}

/** What the giving side has to do, and the consumer promised. */
export interface Obligations {
  readonly purpose: string;
  readonly basis: LegalBasis;
  /** Where a field of special category is among the given ones. */
  readonly specialBasis?: LegalBasis;
  /** The strictest class among the given fields and what stands around them. */
  readonly classification: Classification;
  readonly quota: Quota;
  readonly retention: string;
  readonly pseudonym: AgreementTerms['pseudonym'];
  readonly encryption: AgreementTerms['encryption'];
  readonly delegate?: AgreementTerms['delegate'];
  /** The subjects learn of what is given from then on. */
  readonly undisclosed?: AgreementTerms['undisclosed'];
  readonly receipts?: AgreementTerms['receipts'];
  /** Whether only what was sealed since the agreement began is given. */
  readonly begins?: AgreementTerms['begins'];
}

/** What one agreement lets through. */
export interface Grant {
  readonly agreement: string;
  readonly version: number;
  readonly fields: Fields;
  readonly obligations: Obligations;
}

/** One version, made ready for decisions. */
export interface ReadyTerms {
  readonly terms: AgreementTerms;
  readonly paths: readonly Path[];
  /** Undefined where nothing is known of the type's fields. */
  readonly classified: readonly ClassifiedPath[] | undefined;
  readonly purpose: ReadyPurpose | undefined;
  /** For all agreed fields, so that the usual decision allocates little; undefined where its parts are not known. */
  readonly whole: Grant | undefined;
}

export interface ReadyPurpose {
  readonly purpose: Purpose;
  readonly from: number;
  readonly until: number;
}

/** One agreement, made ready; `line` is undefined where its terms are malformed. */
export interface Candidate {
  readonly id: string;
  readonly line: Timeline | undefined;
  /** The first instant at which a version was or will be in force; Infinity while none is accepted. */
  readonly begins: number;
  /** Whether one of its sides does not take part. */
  readonly barred: boolean;
  /** By version. */
  readonly ready: ReadonlyMap<number, ReadyTerms>;
}

/** A policy made ready for `decide`. Changing the source afterwards changes nothing here. */
export interface Policy {
  readonly version: string;
  readonly approved: ReadonlySet<MemberId>;
  /** By consumer, then by record type, in order of their ids. */
  readonly candidates: ReadonlyMap<SubsystemId, ReadonlyMap<RecordType, readonly Candidate[]>>;
}

/**
 * Indexes agreements by consumer and record type, once for each state of the data. An agreement that cannot be
 * applied (malformed, or one of two with the same id) stays and refuses with POLICY_TERMS_INVALID; a purpose that is malformed or stands
 * twice in the register is unknown.
 */
export function preparePolicy(given: PolicySource): Policy {
  const source = structuredClone(given);
  const purposes = readyPurposes(source.purposes);
  const approved = new Set(source.approved);
  const twice = repeated(source.agreements.map(({ id }) => id));
  const classified = new Map(Object.entries(source.classifications).map(([type, of]) => [type, classifiedPaths(of)]));
  const candidates = new Map<SubsystemId, Map<RecordType, Candidate[]>>();
  for (const agreement of source.agreements) {
    const { id, versions } = agreement;
    const fits = !twice.has(id) && agreementFits(agreement);
    const ready = fits
      ? versions.map(({ terms }) => readyTerms(terms, classified.get(terms.type), purposes.get(terms.purpose)))
      : [];
    const line = fits ? timeline(agreement) : undefined;
    const candidate: Candidate = {
      id,
      line,
      begins: Math.min(...(line?.spans ?? []).map((span) => span.begins), Number.POSITIVE_INFINITY),
      barred: versions.some(({ terms }) => !approved.has(terms.provider) || !approved.has(memberOf(terms.consumer))),
      ready: new Map(ready.map((one) => [one.terms.version, one])),
    };
    for (const [consumer, type] of partiesOf(agreement)) {
      const types = candidates.get(consumer) ?? new Map<RecordType, Candidate[]>();
      candidates.set(consumer, types.set(type, [...(types.get(type) ?? []), candidate]));
    }
  }
  for (const types of candidates.values()) for (const list of types.values()) list.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { version: source.version, approved, candidates };
}

/**
 * From when on (milliseconds since 1970) a consumer may have records of a type, where all its agreements on it give changes only and have done
 * so in every version; Infinity while none of them is accepted. Undefined where one gives the registry first, or there is none.
 */
export function changesSince({ candidates }: Policy, consumer: SubsystemId, type: RecordType): number | undefined {
  const all = candidates.get(consumer)?.get(type) ?? [];
  const versions = all.flatMap(({ ready }) => [...ready.values()]);
  if (versions.length === 0 || versions.some(({ terms }) => terms.begins !== 'changes')) return undefined;
  return Math.min(...all.map(({ begins }) => begins));
}

/** What one version grants for some of its fields. */
export function grantOf(
  terms: AgreementTerms,
  fields: Fields,
  paths: readonly Path[],
  basis: LegalBasis,
  classified: readonly ClassifiedPath[],
): Grant {
  const { id, version, purpose, quota, retention, pseudonym, encryption, delegate, specialBasis, undisclosed, receipts } = terms;
  const { begins } = terms;
  const classification = classOf(paths, classified);
  const special = classification === 'special' && specialBasis !== undefined ? { specialBasis } : {};
  const obligations = { purpose, basis, ...special, classification, quota, retention, pseudonym, encryption };
  return {
    agreement: id,
    version,
    fields,
    obligations: {
      ...obligations,
      ...(delegate === undefined ? {} : { delegate }),
      ...(undisclosed === undefined ? {} : { undisclosed }),
      ...(receipts === undefined ? {} : { receipts }),
      ...(begins === undefined ? {} : { begins }),
    },
  };
}

function readyTerms(
  terms: AgreementTerms,
  classified: readonly ClassifiedPath[] | undefined,
  purpose: ReadyPurpose | undefined,
): ReadyTerms {
  const known = classified !== undefined && purpose !== undefined;
  const whole = known
    ? deepFrozen(grantOf(terms, terms.fields, pathsOf(terms.fields), purpose.purpose.basis, classified))
    : undefined;
  return { terms, paths: pathsOf(terms.fields), classified, purpose, whole };
}

function readyPurposes(purposes: readonly Purpose[]): ReadonlyMap<string, ReadyPurpose> {
  const twice = repeated(purposes.map(({ id }) => id));
  const ready = purposes.map((purpose) => ({
    purpose,
    from: instantOf(purpose.from),
    until: purpose.until === undefined ? Number.POSITIVE_INFINITY : instantOf(purpose.until),
  }));
  const known = ready.filter(({ purpose, from, until }) => !twice.has(purpose.id) && isBasis(purpose.basis) && from < until);
  return new Map(known.map((one) => [one.purpose.id, one]));
}

/** Whom a possibly malformed agreement concerns: its refusal is told to every consumer that it names. */
function partiesOf({ versions }: Agreement): readonly (readonly [SubsystemId, RecordType])[] {
  const parties = new Map(
    versions.map(({ terms }) => [`${terms.consumer} ${terms.type}`, [terms.consumer, terms.type] as const]),
  );
  return [...parties.values()];
}

function repeated(ids: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(ids.filter((id) => seen.size === seen.add(id).size));
}

function deepFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value) as unknown[]) if (typeof member === 'object' && member !== null) deepFrozen(member);
  return Object.freeze(value);
}
