import { faultReport } from '#faults';
import { memberOf } from '#record';
import type { Bury } from '#stream';
import { readValidated } from './steps/read-validated.js';

/** What a member is told of a record that this service gives up. */
export function tellBuried(now: () => Date): Bury {
  return (record, fault) => {
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
        faults: [faultReport(fault)],
      },
    };
  };
}
