/** The topic of {@link EvidenceEvent}s, keyed by `<topic>/<partition>`. */
export const EVIDENCE_TOPIC = 'evidence';

/**
 * What the ledger says of one chunk of one input partition: everything from offset `first` to `last` is in the log. The records
 * in between that are not in `without` may be delivered; the first of them has leaf `leaf`, the next one `leaf + 1`, and so on.
 * Offsets are decimal strings. Positions in between may also be transaction markers, which no reader sees.
 */
export interface EvidenceEvent {
  readonly topic: string;
  readonly partition: number;
  readonly first: string;
  readonly last: string;
  /** The index of the chunk's first leaf. */
  readonly leaf: number;
  /** How many leaves the chunk has. */
  readonly leaves: number;
  /** The size of the tree that holds them all; some checkpoint of at least this size covers them. */
  readonly size: number;
  /** Records without a leaf of their own kind, since they repeat or contradict an earlier one: never to be delivered. */
  readonly without: readonly string[];
}

/** The value bytes of an evidence event (JSON, UTF-8). */
export function encodeEvidence(event: EvidenceEvent): Buffer {
  return Buffer.from(JSON.stringify(event));
}

const OFFSET = /^(0|[1-9][0-9]{0,18})$/;

/** Reads what {@link encodeEvidence} wrote; undefined where the bytes are something else. */
export function decodeEvidence(value: Buffer | null): EvidenceEvent | undefined {
  if (value === null) return undefined;
  try {
    const event = JSON.parse(value.toString('utf8')) as Partial<EvidenceEvent> | null;
    const { topic, partition, first, last, leaf, leaves, size, without } = event ?? {};
    if (typeof topic !== 'string' || !isOffset(first) || !isOffset(last) || !Array.isArray(without)) return undefined;
    if (![partition, leaf, leaves, size].every((n) => Number.isSafeInteger(n) && Number(n) >= 0)) return undefined;
    return without.every(isOffset) ? (event as EvidenceEvent) : undefined;
  } catch {
    return undefined; // not JSON: somebody else's record
  }
}

const isOffset = (value: unknown): boolean => typeof value === 'string' && OFFSET.test(value);
