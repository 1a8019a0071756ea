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
export { MAX_ENVELOPE_BYTES, RECORD_TYP, SD_RECORD_TYP } from './claims.js';
export { sealDisclosable } from './disclosure/seal-disclosable.js';
export {
  type DisclosedClaims,
  type DisclosedVerification,
  isDisclosable,
  present,
  verifyDisclosed,
} from './disclosure/verify-disclosed.js';
export { decryptEnvelope, encryptEnvelope, encryptedContent } from './encrypt/encrypted-envelope.js';
export { decryptionKeys, encryptionKeyIn, readPrivateKey } from './encrypt/encryption-key.js';
export {
  contentKeyOf,
  type Decrypted,
  type DecryptionKeys,
  decrypt,
  decryptWith,
  type EncryptionKey,
  encrypt,
  isEncrypted,
  type JweFault,
  type JweProfile,
} from './encrypt/jwe.js';
export { SIGNATURE_BYTES, verifyEs256 } from './es256.js';
export { jtiOf, SALT_KEY_BYTES, type Salter, saltedDigest, salter } from './identity.js';
export {
  algorithmOf,
  generatePrivateKey,
  kidOf,
  type PublicJwk,
  publicJwkOf,
  type SignatureAlgorithm,
  signRaw,
  verifyRaw,
} from './keys/algorithms.js';
export { KEY_PURPOSES, type KeyCustody, type KeyDescription, type KeyPurpose, type Signer, signerOf } from './keys/custody.js';
export { type Asked, act, firstKey, type KeyCommand, type LifeRules, pendingKey } from './keys/key-life.js';
export {
  type KeyAct,
  type KeyRecord,
  type KeyState,
  REVOCATION_REASONS,
  readKeyRecord,
  writeKeyRecord,
} from './keys/key-record.js';
export { type KeySet, readJwk, readKeySet, type VerificationKey } from './keys/key-set.js';
export { certificateThumbprint, currentKeys, historicalKeys, originKeys, sealingKeys } from './keys/key-sets.js';
export { type PublishedKey, publishedKey } from './keys/published-key.js';
export { generateSealingKey, type SealingKey, softwareSigner } from './keys/sealing-key.js';
export { signatureOver, signCompact } from './keys/sign-compact.js';
export { mergeKeySets, readSignedKeySet, signKeySet } from './keys/signed-key-set.js';
export { thumbprint } from './keys/thumbprint.js';
export { type OriginEvent, type OriginExpected, type OriginSealer, originMisfit, sealOrigin } from './origin/origin-seal.js';
export { type ContentPermit, openContentPermit, PERMIT_SECONDS, signContentPermit } from './permit/content-permit.js';
export {
  DELIVERY_RECEIPT_TYP,
  type DeliveryReceipt,
  type OpenedReceipt,
  openDeliveryReceipt,
  payloadDigest,
  signDeliveryReceipt,
} from './receipt/delivery-receipt.js';
export { type Sealed, seal, sealAll } from './seal/seal.js';
export type { Sealer } from './seal/sealer.js';
export type { SealInput, Statement, Terms } from './seal/statement.js';
export { type CompactProfile, type RefusedCompact, type VerifiedCompact, verifyCompact } from './verify/compact.js';
export type { MessageHints } from './verify/message.js';
export type { Step, StepFault, StepName } from './verify/steps.js';
export { type Verification, type VerifyOptions, verify } from './verify/verify.js';
export { verifySeal } from './verify/verify-seal.js';
export { certificateFor } from './x509/certificate.js';
export { type CertificateSubject, certificationRequest } from './x509/certification-request.js';
export { type CertificateIssuer, type CertificateOrder, issueCertificate } from './x509/issue-certificate.js';
