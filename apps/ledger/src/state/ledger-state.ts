import { type Checkpoint, checkpointText, EMPTY_ROOT, readCheckpointText } from '#evidence';

/** What the ledger has decided: the tree, and up to where it has read each input partition. */
export interface LedgerState {
  readonly checkpoint: Checkpoint;
  /** `<topic>/<partition>` → the next offset to read. */
  readonly marks: ReadonlyMap<string, bigint>;
}

/** A log that has nothing yet. */
export const firstState = (origin: string): LedgerState => ({
  checkpoint: { origin, size: 0, root: EMPTY_ROOT },
  marks: new Map(),
});

/** The value bytes of a state: the text of the checkpoint that is to be signed, and the marks in order. */
export function encodeState({ checkpoint, marks }: LedgerState): Buffer {
  const sorted = [...marks].sort(([a], [b]) => (a < b ? -1 : 1));
  const written = Object.fromEntries(sorted.map(([name, next]) => [name, String(next)]));
  return Buffer.from(JSON.stringify({ checkpoint: checkpointText(checkpoint), marks: written }));
}

/** Reads what {@link encodeState} wrote; undefined where the bytes are something else. */
export function decodeState(value: Buffer): LedgerState | undefined {
  try {
    const { checkpoint, marks } = JSON.parse(value.toString('utf8')) as { checkpoint?: unknown; marks?: unknown };
    const read = typeof checkpoint === 'string' ? readCheckpointText(checkpoint) : undefined;
    if (read === undefined || typeof marks !== 'object' || marks === null) return undefined;
    return { checkpoint: read, marks: new Map(Object.entries(marks).map(([name, next]) => [name, BigInt(next as string)])) };
  } catch {
    return undefined; // not JSON, or a mark that is no number
  }
}
