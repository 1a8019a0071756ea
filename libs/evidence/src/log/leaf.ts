import { isSha256Digest, parseStrict } from '#canonical';
import type { FaultCode } from '#faults';

/** What a leaf is about. All but the first three are administrative acts, except `replay`: an attempt that was caught. */
export const LEAF_KINDS = ['record', 'rejection', 'conflict', 'key', 'schema', 'policy', 'override', 'export', 'replay'] as const;
export type LeafKind = (typeof LEAF_KINDS)[number];

/**
 * One leaf. Digests and names of organisations only: never a record, a subject or an identifier of a person.
 */
export interface Leaf {
  readonly k: LeafKind;
  /** Unique for its kind: `<iss>|<jti>` of a record; position and number of a refusal; number of an administrative act. */
  readonly id: string;
  /** base64url of SHA-256: of an envelope's payload, a refusal's canonical outcome, or an act's canonical line. */
  readonly s256: string;
  /** When the leaf was made, in seconds since 1970, by the ledger's clock. */
  readonly t: number;
  /** Of a record: the salted digest of the record, as the envelope states it. */
  readonly rd?: string;
  /** Of a record: its type. */
  readonly type?: string;
  /** Of a refusal: its first fault. */
  readonly f?: FaultCode;
}

/** The entry of a leaf: one line of canonical JSON (RFC 8785). */
export function encodeLeaf({ f, id, k, rd, s256, t, type }: Leaf): Buffer {
  return Buffer.from(JSON.stringify({ f, id, k, rd, s256, t, type })); // in canonical order; what is undefined is left out
}

/** Reads an entry; undefined where it is no leaf of ours. */
export function decodeLeaf(entry: Buffer): Leaf | undefined {
  const parsed = parseStrict(entry);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
  const leaf = parsed.value as unknown as Partial<Leaf>;
  const { k, id, s256, t } = leaf;
  if (!LEAF_KINDS.some((kind) => kind === k) || typeof id !== 'string' || !Number.isSafeInteger(t)) return undefined;
  if (typeof s256 !== 'string' || !isSha256Digest(`sha-256:${s256}`)) return undefined;
  const read = leaf as Leaf;
  return encodeLeaf(read).equals(entry) ? read : undefined;
}
