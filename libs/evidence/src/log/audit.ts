import { canonicalize, type JsonValue, sha256Base64url } from '#canonical';
import type { OutgoingRecord, ReceivedRecord } from '#record';
import { LEAF_KINDS, type LeafKind } from './leaf.js';

/** The topic of administrative acts that have no topic of their own. */
export const AUDIT_TOPIC = 'audit';

/**
 * Topics whose every record is an administrative act, and what their leaves are about; the lines of `audit` say it themselves. None of
 * them is compacted: a line that is gone has been removed.
 */
export const ACT_TOPICS: Readonly<Record<string, LeafKind | undefined>> = {
  'schema-audit': 'schema',
  [AUDIT_TOPIC]: undefined,
};

/** An administrative act: who did what, why, and the digests of what it changed. `at` is RFC 3339 in UTC. */
export interface Act {
  readonly kind: 'key' | 'schema' | 'policy' | 'override' | 'export';
  readonly at: string;
  readonly by: string;
  /** The second person, where it took two. */
  readonly confirmedBy?: string;
  readonly action: string;
  /** What it was done to: a key id, a member, an agreement, a purpose. Never a person and never a record. */
  readonly subject?: string;
  readonly before?: string;
  readonly after?: string;
  readonly why?: string;
}

/** The line of an act on the audit topic. */
export function auditRecord(act: Act): OutgoingRecord {
  const value = canonicalize(act as unknown as JsonValue);
  return { topic: AUDIT_TOPIC, partition: 0, key: act.kind, value, headers: { 'content-type': 'application/json' } };
}

/** What the leaf of an act says: where its line stands, when it was written, and the digest of its bytes. */
export function actLeaf(record: Pick<ReceivedRecord, 'topic' | 'partition' | 'offset' | 'timestamp' | 'value'>) {
  const { topic, partition, offset, timestamp, value } = record;
  const id = `${topic}/${partition}/${offset}@${timestamp}`;
  return { k: ACT_TOPICS[topic] ?? kindOf(value), id, s256: sha256Base64url(value ?? Buffer.alloc(0)) };
}

/** Whether a leaf is about an administrative act. */
export const isAct = (kind: LeafKind): boolean => ['key', 'schema', 'policy', 'override', 'export'].includes(kind);

/** A line that does not say what it is counts as an override: the strongest word there is. */
function kindOf(value: Buffer | null): LeafKind {
  try {
    const { kind } = JSON.parse(value?.toString('utf8') ?? '') as { kind?: unknown };
    return LEAF_KINDS.find((known) => known === kind && isAct(known)) ?? 'override';
  } catch {
    return 'override'; // not JSON
  }
}
