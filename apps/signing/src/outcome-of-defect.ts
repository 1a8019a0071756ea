import { faultReport } from '#faults';
import { type MemberOutcome, memberOf, type ReceivedRecord } from '#record';
import { readValidated } from './steps/read-validated.js';

/** What a member is told of a record that a defect of this service made a dead letter. */
export function outcomeOfDefect(now: () => Date): (record: ReceivedRecord) => MemberOutcome | undefined {
  return (record) => {
    const read = readValidated(record);
    if (read.origin === undefined) return undefined;
    const { id, source, type } = read.ok ? read.input.event : read.event;
    return {
      member: memberOf(read.origin.agency),
      outcome: {
        kind: 'rejected',
        ingress: read.origin.ingress,
        at: now().toISOString(),
        ...(id === undefined ? {} : { id }),
        ...(source === undefined ? {} : { source }),
        ...(type === undefined ? {} : { type }),
        faults: [faultReport('STREAM_DEFECT')],
      },
    };
  };
}
