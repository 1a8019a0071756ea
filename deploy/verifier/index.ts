/** What the package `khidi-verifier` offers: the consumer's half of `libs/envelope`. */
export {
  type DisclosedVerification,
  type EnvelopeClaims,
  type KeySet,
  type MessageHints,
  mergeKeySets,
  readKeySet,
  readSignedKeySet,
  type Step,
  type Verification,
  type VerifyOptions,
  verify,
  verifyDisclosed,
} from '#envelope';
export { FAULTS, FaultError, type FaultReport } from '#faults';
