import { faults } from '../fault.js';

/** Who may receive what, and why. */
export const policyFaults = faults({
  POLICY_TERMS_INVALID: {
    title: 'The terms of an agreement are malformed',
    status: 422,
    retry: false,
    next: 'Correct the member named by the pointer; until then nothing is permitted under the agreement.',
  },
  POLICY_NO_AGREEMENT: {
    title: 'No agreement lets this consumer receive this record type',
    status: 403,
    retry: false,
    next: 'Propose an agreement to the provider.',
  },
  POLICY_MEMBER_NOT_APPROVED: {
    title: 'A side of the agreement does not take part at present',
    status: 403,
    retry: true,
    next: 'Wait until the member is approved, or approved again.',
  },
  POLICY_PROVIDER_DIFFERS: {
    title: 'The agreement is with another provider',
    status: 403,
    retry: false,
    next: 'Propose an agreement to the member that publishes the record.',
  },
  POLICY_NOT_ACCEPTED: {
    title: 'The agreement is not accepted by both sides',
    status: 403,
    retry: true,
    next: 'Wait for the signature of the other side.',
  },
  POLICY_NOT_YET_EFFECTIVE: {
    title: 'The agreement is not in force yet',
    status: 403,
    retry: true,
    next: 'Wait for the date from which it is effective.',
  },
  POLICY_BEFORE_BEGIN: {
    title: 'The agreement gives changes only, and the record was sealed before it began',
    status: 403,
    retry: false,
    next: 'Nothing: the next change of the record is given. Agree on a version without "begins" to have the registry as it is.',
  },
  POLICY_EXPIRED: {
    title: 'The agreement is no longer in force',
    status: 403,
    retry: false,
    next: 'Agree on a new version.',
  },
  POLICY_REVOKED: {
    title: 'The agreement was revoked',
    status: 403,
    retry: false,
    next: 'Ask the other side why; a new agreement is needed.',
  },
  POLICY_PURPOSE_DIFFERS: {
    title: 'The agreement is for another purpose',
    status: 403,
    retry: false,
    next: 'Name the purpose that was agreed on, or agree on this one.',
  },
  POLICY_PURPOSE_UNKNOWN: {
    title: 'The purpose register does not know the purpose',
    status: 403,
    retry: false,
    next: 'Register the purpose with its legal basis.',
  },
  POLICY_PURPOSE_NOT_IN_FORCE: {
    title: 'The purpose has no legal basis in force',
    status: 403,
    retry: false,
    next: 'Compare the dates of the purpose in the register with the law.',
  },
  POLICY_DELEGATE_FOREIGN: {
    title: 'The caller is neither the consumer nor its delegated party',
    status: 403,
    retry: false,
    next: 'Let both sides name the delegated party in a new version of the agreement.',
  },
  POLICY_ORIGIN_WEAK: {
    title: 'The origin of the record is proved less well than agreed',
    status: 403,
    retry: false,
    next: 'Let the publishing agency seal its records, or agree on a weaker proof.',
  },
  POLICY_FIELD_OUTSIDE: {
    title: 'A requested field is outside the agreement',
    status: 403,
    retry: false,
    next: 'Ask for agreed fields only, or agree on this one.',
  },
  POLICY_SPECIAL_WITHOUT_BASIS: {
    title: 'A field of special category has no legal basis of its own',
    status: 403,
    retry: false,
    next: 'Name the legal basis for special fields in a new version of the agreement, or leave them out.',
  },
  POLICY_CLASSIFICATION_UNKNOWN: {
    title: 'How the fields of the record type are classified is not known',
    status: 403,
    retry: true,
    next: 'Publish the classifications of its schema; nothing leaves unclassified.',
  },
});
