import type { FaultReport } from '#faults';
import type { MemberOutcome, OutcomeKind, ReceivedRecord } from '#record';
import type { CheckedEvent } from './check-event.js';
import type { IngressTopic } from './ingress-topics.js';

/**
 * What the member is told of a record. Attributes are repeated only where they are well-formed: an ill-formed one may hold
 * anything, personal data among it.
 */
export function tell(
  kind: OutcomeKind,
  record: ReceivedRecord,
  topic: IngressTopic,
  event: Pick<CheckedEvent, 'id' | 'source' | 'type'>,
  at: string,
  faults?: readonly FaultReport[],
): MemberOutcome {
  return {
    member: topic.member,
    outcome: {
      kind,
      ingress: `${record.topic}/${record.partition}/${record.offset}`,
      at,
      ...(event.id === undefined ? {} : { id: event.id }),
      ...(event.source === undefined ? {} : { source: event.source }),
      ...(event.type === undefined ? {} : { type: event.type }),
      ...(faults === undefined ? {} : { faults }),
    },
  };
}
