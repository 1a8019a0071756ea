import type { FollowedConfiguration } from '#configuration';
import { type FaultReport, faultReport } from '#faults';
import type { MemberId } from '#record';
import type { CheckedEvent } from './check-event.js';

/**
 * Why nothing of a member may pass now; undefined where it may. Throws CONFIGURATION_MISSING and CONFIGURATION_EXPIRED while nobody can
 * say: its records wait.
 */
export type Standing = (member: MemberId) => FaultReport | undefined;

/** Where no directory runs, whoever may write to an ingress topic takes part. */
export const withoutDirectory: Standing = () => undefined;

/** As the directory says. */
export function standingBy(configuration: Pick<FollowedConfiguration, 'current'>): Standing {
  return (member) => {
    const state = configuration.current().members.get(member)?.state;
    if (state === 'approved') return undefined;
    return faultReport(state === 'suspended' ? 'MEMBER_SUSPENDED' : 'MEMBER_NOT_APPROVED');
  };
}

/** An event of a member that does not take part: nothing else of it is judged, and its id is not burnt. */
export function barred(event: CheckedEvent, fault: FaultReport): CheckedEvent {
  return { ...event, schema: undefined, schemaId: undefined, unreadable: true, faults: [fault] };
}
