import { EVIDENCE_TOPIC, encodeEvidence } from '#evidence';
import type { OutgoingRecord } from '#record';
import { type DeadLetterSeal, deadLetter, type WireRecord } from '#stream';
import type { JudgedChunk } from './judge-chunk.js';

/** The evidence event of a chunk whose first leaf is `leaf`, in a tree of `size`; undefined where there is nothing to say. */
export function evidenceOf({ chunk, leaves, without }: JudgedChunk, leaf: number, size: number): OutgoingRecord | undefined {
  const { topic, partition, records, sealed } = chunk;
  const [first] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined || (!sealed && leaves.length === 0)) return undefined;
  return {
    topic: EVIDENCE_TOPIC,
    key: `${topic}/${partition}`,
    value: encodeEvidence({
      topic,
      partition,
      first: first.offset,
      last: last.offset,
      leaf,
      leaves: leaves.length,
      size,
      without: without.map(({ record }) => record.offset),
    }),
    headers: { 'content-type': 'application/json' },
  };
}

/** What only somebody else can have written is kept whole. */
export function deadLettersOf(
  { without }: JudgedChunk,
  { service, seal }: { readonly service: string; readonly seal?: DeadLetterSeal | undefined },
): WireRecord[] {
  return without.flatMap((one) => (one.why === 'foreign' ? [deadLetter(service, one.record, one.fault, seal)] : []));
}
