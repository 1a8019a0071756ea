import type { Classified } from './fields.js';
import type { Participant } from './member.js';
import type { AgreementTerms, Instant, Purpose } from './terms.js';

/**
 * That one side agreed: `jws` is the detached signature (RFC 7515 appendix F, `header..signature`) over `agreementText`, and `at` when the
 * directory saw it.
 */
export interface Acceptance {
  readonly at: Instant;
  readonly jws: string;
}

/** A version with what both sides signed. */
export interface SignedVersion {
  readonly terms: AgreementTerms;
  readonly acceptances: { readonly provider?: Acceptance; readonly consumer?: Acceptance };
}

/** An agreement as it is published: with signatures instead of claims that there were some. */
export interface SignedAgreement {
  readonly id: string;
  readonly versions: readonly SignedVersion[];
  readonly revoked?: Instant;
}

/** All that the directory tells the services. */
export interface Configuration {
  readonly members: readonly Participant[];
  readonly purposes: readonly Purpose[];
  readonly agreements: readonly SignedAgreement[];
  /** By record type: how its schemas class the record and its fields. */
  readonly classifications: Readonly<Record<string, Classified>>;
}
