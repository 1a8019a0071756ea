import { canonicalize, sha256Digest } from '#canonical';
import { FaultError } from '#faults';
import { termsFaults } from './read-terms.js';
import type { AgreementTerms } from './terms.js';

/** Says what the bytes are, so that a signature over them can never be taken for one over something else. */
const KIND = 'khidi-agreement-1';

/**
 * What both sides sign: the RFC 8785 bytes of the terms with `kind` beside them. Fields are sorted, so that the same terms have one
 * text; id and version are part of it, so that an acceptance fits one version only. Throws POLICY_TERMS_INVALID: nobody
 * should sign what will never be applied.
 */
export function agreementText(terms: AgreementTerms): Buffer {
  const [fault] = termsFaults(terms);
  if (fault !== undefined) throw new FaultError('POLICY_TERMS_INVALID', fault.pointer);
  const given = Object.entries(terms).filter(([, value]) => value !== undefined);
  const fields = terms.fields === 'record' ? terms.fields : [...terms.fields].sort();
  return canonicalize({ ...Object.fromEntries(given), fields, kind: KIND });
}

/** `sha-256:` and the digest of {@link agreementText}: how logs and deliveries name what was agreed on. */
export function agreementDigest(terms: AgreementTerms): string {
  return sha256Digest(agreementText(terms));
}
