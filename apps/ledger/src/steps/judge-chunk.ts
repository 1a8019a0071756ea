import type { Leaf } from '#evidence';
import type { FaultCode } from '#faults';
import type { ReceivedRecord } from '#record';
import { digestOf, type KnownLeaf, keyOf } from '../store/leaf-keys.js';
import type { LostExchange } from './lost-exchange.js';
import { type Draft, intruderDraft } from './read-sealed.js';

/** Records of one partition that follow each other, and the offset after them. */
export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ReceivedRecord[];
  readonly next: bigint;
}

/** What a chunk says, record by record; the fault of one that does not belong there. */
export interface ReadChunk extends Chunk {
  readonly sealed: boolean;
  readonly drafts: readonly (readonly Draft[] | FaultCode)[];
  /** By record that does not belong there: the exchange that may be lost with it. */
  readonly lost: ReadonlyMap<ReceivedRecord, LostExchange>;
}

/** A record that must not be delivered. A foreign one is kept as a dead letter, and may have been an exchange that is lost with it. */
export type Without =
  | { readonly record: ReceivedRecord; readonly why: 'repeat' | 'conflict' }
  | { readonly record: ReceivedRecord; readonly why: 'foreign'; readonly fault: FaultCode; readonly lost?: LostExchange };

/** What becomes of a chunk. */
export interface JudgedChunk {
  readonly chunk: ReadChunk;
  /** In the order of the log: first one for each record that may be delivered, then what else there is. */
  readonly leaves: readonly Leaf[];
  /** Offsets that must not be delivered, with the reason. */
  readonly without: readonly Without[];
}

/** All statements of a chunk whose ids the index must be asked for. */
export function draftsOf({ drafts, records, lost }: ReadChunk): Draft[] {
  const read = records.flatMap((record, i) => {
    const of = drafts[i] ?? [];
    return typeof of === 'string' ? [intruderDraft(record, of)] : of;
  });
  return [...read, ...[...lost.values()].map(({ draft }) => draft)];
}

/** What is known of ids: from the index, and from the chunks judged before in the same turn. */
export class Known {
  private readonly found = new Map<string, KnownLeaf['digest'] | undefined>();

  constructor(keys: readonly Buffer[], found: readonly (KnownLeaf | undefined)[]) {
    for (const [i, key] of keys.entries()) this.found.set(key.toString('latin1'), found[i]?.digest);
  }

  get(draft: Draft): string | undefined {
    return this.found.get(nameOf(draft));
  }

  add(draft: Draft): void {
    this.found.set(nameOf(draft), digestOf(draft));
  }
}

const nameOf = (draft: Draft): string => keyOf(draft).toString('latin1');

/**
 * Gives each statement its leaf, once: the same id with the same content again gets none, and with other content a leaf that says
 * so instead of its own. `t` is seconds since 1970.
 */
export function judgeChunk(chunk: ReadChunk, known: Known, t: number): JudgedChunk {
  const leaves: Leaf[] = [];
  const others: Leaf[] = [];
  const without: Without[] = [];
  for (const [i, record] of chunk.records.entries()) {
    const drafts = chunk.drafts[i] ?? [];
    if (typeof drafts === 'string') {
      const lost = chunk.lost.get(record);
      // What is in the log already stays: this was a repeat of it.
      const isLost = lost !== undefined && known.get(lost.draft) === undefined;
      without.push({ record, why: 'foreign', fault: drafts, ...(isLost ? { lost } : {}) });
      const intruder = intruderDraft(record, drafts);
      if (known.get(intruder) === undefined) others.push({ ...intruder, t });
      known.add(intruder);
      continue;
    }
    for (const draft of drafts) {
      const before = known.get(draft);
      if (before === undefined) {
        leaves.push({ ...draft, t });
        known.add(draft);
        continue;
      }
      if (!chunk.sealed) continue; // a refusal that was read before
      const why = before === digestOf(draft) ? 'repeat' : 'conflict';
      without.push({ record, why });
      if (why === 'conflict') others.push(...conflictLeaf(draft, record, known, t));
    }
  }
  return { chunk, leaves: [...leaves, ...others], without };
}

/** One leaf for each contradicting envelope, told apart by where it stands. */
function conflictLeaf(draft: Draft, { topic, partition, offset }: ReceivedRecord, known: Known, t: number): Leaf[] {
  const leaf: Leaf = { ...draft, k: 'conflict', id: `${draft.id}|${topic}/${partition}/${offset}`, f: 'SEEN_CONFLICT', t };
  if (known.get(leaf) !== undefined) return [];
  known.add(leaf);
  return [leaf];
}
