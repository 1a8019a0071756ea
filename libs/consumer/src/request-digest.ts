import { canonicalize, type JsonValue, sha256Digest } from '#canonical';

/**
 * What names a question, so that an answer can be bound to it (the claim `request`): `sha-256:` and the digest of the canonical record of the
 * question (RFC 8785). Who asks knows that record before it is sent, and who answers has it from the envelope; its `id` makes it unique.
 */
export function requestDigest(question: object): string {
  return sha256Digest(canonicalize(question as JsonValue));
}
