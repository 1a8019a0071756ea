import { DIGEST_PREFIX, sha256Digest } from '#canonical';

/**
 * The digest that names a schema for ever: `sha-256:` and the base64url of SHA-256 over its text as registered (UTF-8), followed by
 * the 32 bytes of the digest of each schema that it references, in order.
 */
export function schemaDigest(text: string, referenceDigests: readonly string[] = []): string {
  const raw = referenceDigests.map((digest) => Buffer.from(digest.slice(DIGEST_PREFIX.length), 'base64url'));
  return sha256Digest(Buffer.from(text, 'utf8'), ...raw);
}
