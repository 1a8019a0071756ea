export type {
  Digest,
  EnvelopeClaims,
  EventClaim,
  Kid,
  LawClaim,
  OriginClaim,
  ProtectedHeader,
  RecordObject,
  Salt,
  SchemaClaim,
} from './claims.js';
export { MAX_ENVELOPE_BYTES, RECORD_TYP } from './claims.js';
export { verifyEs256 } from './es256.js';
export { jtiOf, SALT_KEY_BYTES, type Salter, saltedDigest, salter } from './identity.js';
export { type KeySet, readJwk, readKeySet, type VerificationKey } from './keys/key-set.js';
export {
  exportSealingKey,
  generateSealingKey,
  importSealingKey,
  type PublishedKey,
  publishedKey,
  type SealingKey,
  type Signer,
  softwareSigner,
} from './keys/sealing-key.js';
export { thumbprint } from './keys/thumbprint.js';
export { type Sealed, seal, sealAll } from './seal/seal.js';
export type { Sealer } from './seal/sealer.js';
export type { SealInput, Statement, Terms } from './seal/statement.js';
export { type CompactProfile, type RefusedCompact, type VerifiedCompact, verifyCompact } from './verify/compact.js';
export type { MessageHints } from './verify/message.js';
export type { Step, StepFault, StepName } from './verify/steps.js';
export { type Verification, type VerifyOptions, verify } from './verify/verify.js';
