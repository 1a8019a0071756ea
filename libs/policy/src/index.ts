export { type Agreement, type AgreementState, type AgreementVersion, inForce, stateOf } from './agreement.js';
export type { Acceptance, Configuration, SignedAgreement, SignedVersion } from './configuration.js';
export { type Decision, decide, type PolicyFault, type PolicyRequest } from './decide.js';
export { explain } from './explain.js';
export {
  type Endpoint,
  MEMBER_KEY_PURPOSES,
  MEMBER_LEVELS,
  type MemberKey,
  type MemberKeyPurpose,
  type MemberLevel,
  type MemberState,
  type MemberSystem,
  type Participant,
} from './member.js';
export { changesSince, type Policy, type PolicySource, preparePolicy } from './policy.js';
export { readConfiguration } from './read-configuration.js';
export { instantOf, isBasis, periodMs, termsFaults } from './read-terms.js';
export {
  type AgreementTerms,
  CLASSES,
  type Classification,
  type Fields,
  type Instant,
  ORIGINS,
  type Purpose,
  type Quota,
  type Undisclosed,
} from './terms.js';
export { agreementDigest, agreementText } from './text.js';
