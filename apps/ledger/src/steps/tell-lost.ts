import { type FaultCode, faultReport } from '#faults';
import { CONTENT_TYPE, encodeOutcomes, HEADER, type MemberId, type Outcome, outcomesTopic } from '#record';
import type { WireRecord } from '#stream';
import type { JudgedChunk } from './judge-chunk.js';

/**
 * What members are told of exchanges that are lost: after `sealed` a rejection, so that they send again. Written in the transaction that
 * makes the dead letter, so each is told once; the ledger reads it like any other refusal and gives it its leaf. `follows` says which
 * topics there are: a name in a header must not keep the log from its next decision.
 */
export function tellLost(judged: readonly JudgedChunk[], at: Date, follows: (topic: string) => boolean): WireRecord[] {
  const told = new Map<MemberId, Outcome[]>();
  for (const one of judged.flatMap(({ without }) => without)) {
    if (one.why !== 'foreign' || one.lost === undefined) continue;
    const { member, draft: _, ...event } = one.lost;
    if (!follows(outcomesTopic(member))) continue;
    told.set(member, [...(told.get(member) ?? []), rejection(event, one.fault, at)]);
  }
  return [...told].map(([member, outcomes]) => ({
    topic: outcomesTopic(member),
    key: member,
    value: encodeOutcomes(outcomes),
    headers: { [HEADER.contentType]: CONTENT_TYPE.json },
  }));
}

const rejection = (event: Pick<Outcome, 'ingress' | 'id' | 'source' | 'type'>, fault: FaultCode, at: Date): Outcome => ({
  kind: 'rejected',
  ...event,
  at: at.toISOString(),
  faults: [faultReport(fault)],
});
