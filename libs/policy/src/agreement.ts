import { instantOf, isTerms } from './read-terms.js';
import type { AgreementTerms, Instant } from './terms.js';

/** A version and when each side accepted it: acceptances whose signature over the text the caller has checked. */
export interface AgreementVersion {
  readonly terms: AgreementTerms;
  readonly accepted: { readonly provider?: Instant; readonly consumer?: Instant };
}

/** All versions of one agreement. A revocation, by either side, ends all of them and cannot be taken back. */
export interface Agreement {
  readonly id: string;
  readonly versions: readonly AgreementVersion[];
  readonly revoked?: Instant;
}

/** `proposed` until both sides have accepted, then `accepted`; `revoked` from the revocation on. */
export type AgreementState = 'proposed' | 'accepted' | 'revoked';

/** What a version was at an instant (milliseconds since 1970). Whether an accepted one is in force is what {@link inForce} says. */
export function stateOf(agreement: Agreement, version: AgreementVersion, at: number): AgreementState {
  if (!(at < endOf(agreement))) return 'revoked';
  return at >= acceptedAt(version) ? 'accepted' : 'proposed';
}

/** The version under which records might be given at an instant (milliseconds since 1970), if there was one. */
export function inForce(agreement: Agreement, at: number): AgreementVersion | undefined {
  const standing = agreementFits(agreement) ? standingAt(timeline(agreement), at) : 'POLICY_TERMS_INVALID';
  return typeof standing === 'string' ? undefined : standing.version;
}

/** A version with its instants in milliseconds since 1970: in force from `begins`, before `ends`. */
export interface Span {
  readonly version: AgreementVersion;
  readonly accepted: number;
  readonly begins: number;
  readonly ends: number;
}

/** The versions of an agreement, the highest first, and when it was revoked (Infinity: it was not). */
export interface Timeline {
  readonly spans: readonly Span[];
  readonly revoked: number;
}

/** Whether an agreement can be applied: its terms are well formed, and id, provider, consumer and type are the same in all versions. */
export function agreementFits(agreement: Agreement): boolean {
  const { id, versions, revoked } = agreement;
  const [first] = versions;
  if (first === undefined || (revoked !== undefined && Number.isNaN(instantOf(revoked)))) return false;
  const numbers = new Set(versions.map(({ terms }) => terms.version));
  return (
    numbers.size === versions.length &&
    versions.every(
      ({ terms, accepted }) =>
        isTerms(terms) &&
        terms.id === id &&
        terms.provider === first.terms.provider &&
        terms.consumer === first.terms.consumer &&
        terms.type === first.terms.type &&
        [accepted.provider, accepted.consumer].every((at) => at === undefined || !Number.isNaN(instantOf(at))),
    )
  );
}

/** The timeline of an agreement that fits. */
export function timeline(agreement: Agreement): Timeline {
  const spans = agreement.versions.map((version) => {
    const accepted = acceptedAt(version);
    const begins = Math.max(accepted, instantOf(version.terms.from));
    return { version, accepted, begins, ends: instantOf(version.terms.until) };
  });
  return { spans: spans.sort((a, b) => b.version.terms.version - a.version.terms.version), revoked: endOf(agreement) };
}

/** Why no version of an agreement is in force. */
type NotInForce = 'POLICY_REVOKED' | 'POLICY_EXPIRED' | 'POLICY_NOT_YET_EFFECTIVE' | 'POLICY_NOT_ACCEPTED';

/** The span in force at an instant, or why there is none. Each comparison asks for a yes, so that NaN as instant is a no. */
export function standingAt({ spans, revoked }: Timeline, at: number): Span | NotInForce {
  if (!(at < revoked)) return 'POLICY_REVOKED';
  // Once a version has begun, those below it are history, also when it has ended: nobody agreed to fall back on them.
  for (const span of spans) if (at >= span.begins) return at < span.ends ? span : 'POLICY_EXPIRED';
  return spans.some(({ accepted }) => at >= accepted) ? 'POLICY_NOT_YET_EFFECTIVE' : 'POLICY_NOT_ACCEPTED';
}

function acceptedAt({ accepted: { provider, consumer } }: AgreementVersion): number {
  if (provider === undefined || consumer === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(instantOf(provider), instantOf(consumer));
}

function endOf({ revoked }: Agreement): number {
  return revoked === undefined ? Number.POSITIVE_INFINITY : instantOf(revoked);
}
