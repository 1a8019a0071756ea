import type { FaultReport } from '#faults';

/** What became of a record, as told to the member that sent it. */
export type OutcomeKind = 'rejected' | 'duplicate' | 'conflict' | 'sealed';
export const OUTCOME_KINDS: readonly OutcomeKind[] = ['rejected', 'duplicate', 'conflict', 'sealed'];

/**
 * One line of `outcomes.<member>`. `id`, `source` and `type` are the CloudEvents attributes as sent, absent where they could
 * not be read. `ingress` is `topic/partition/offset` of the record that this answers. `at` is RFC 3339 in UTC.
 */
export interface Outcome {
  readonly kind: OutcomeKind;
  readonly ingress: string;
  readonly at: string;
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly faults?: readonly FaultReport[];
  /** Of a sealed record: what is doubtful in it without being a reason to refuse it; code and pointer, absent where nothing is. */
  readonly warnings?: readonly FaultReport[];
  /** Of a sealed record: the envelope's `jti`. */
  readonly jti?: string;
}

/** The value of one Kafka record on an outcomes topic: all outcomes that one chunk has for one member. */
export interface OutcomesEvent {
  readonly outcomes: readonly Outcome[];
  /** Of an erasure: what belongs to the subject that was erased. Who does not know this member reads no outcomes here. */
  readonly erased?: Erased;
}

/** What an adapter forgets: the exchanges of a subject, as `<source> <id>`, and the keys of its records on the member's ingress topics. */
export interface Erased {
  readonly exchanges: readonly string[];
  readonly keys: readonly string[];
}

/** The value bytes for `outcomes` (JSON, UTF-8). */
export function encodeOutcomes(outcomes: readonly Outcome[]): Buffer {
  return joinOutcomes(outcomes.map((outcome) => JSON.stringify(outcome)));
}

/** The same for outcomes that are JSON texts already. */
export function joinOutcomes(texts: readonly string[]): Buffer {
  return Buffer.from(`{"outcomes":[${texts.join(',')}]}`);
}

/** The value bytes that tell a member of an erasure. */
export const encodeErased = (erased: Erased): Buffer => Buffer.from(JSON.stringify({ outcomes: [], erased }));

/** Reads what {@link encodeErased} wrote; undefined where the bytes are something else. */
export function decodeErased(value: Buffer | null): Erased | undefined {
  if (value?.includes('"erased":') !== true) return undefined;
  try {
    const { erased } = JSON.parse(value.toString('utf8')) as { readonly erased?: Partial<Erased> };
    const lists = [erased?.exchanges, erased?.keys];
    const fit = lists.every((list) => Array.isArray(list) && list.every((one) => typeof one === 'string'));
    return fit ? (erased as Erased) : undefined;
  } catch {
    return undefined; // not JSON: told where outcomes are read
  }
}

/** Reads what {@link encodeOutcomes} wrote; undefined where the bytes are something else. */
export function decodeOutcomes(value: Buffer | null): readonly Outcome[] | undefined {
  if (value === null) return undefined;
  try {
    const parsed: unknown = JSON.parse(value.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('outcomes' in parsed) || !Array.isArray(parsed.outcomes))
      return undefined;
    const known = parsed.outcomes.every(
      (o: unknown) =>
        typeof o === 'object' && o !== null && 'kind' in o && 'ingress' in o && 'at' in o && typeof o.ingress === 'string',
    );
    return known ? (parsed.outcomes as Outcome[]) : undefined;
  } catch {
    return undefined; // not JSON: the caller counts it as a foreign record
  }
}
