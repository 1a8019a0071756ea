import type { FollowedConfiguration } from '#configuration';
import { FaultError } from '#faults';
import { memberOf, subsystemId } from '#record';

/** How what stands in handovers is called for people; undefined where nobody knows, as while no configuration is valid. */
export interface Names {
  member(consumer: string): string | undefined;
  system(consumer: string): string | undefined;
  purpose(id: string): string | undefined;
}

/** The names that the directory publishes now. */
export function configuredNames(directory: FollowedConfiguration): Names {
  const current = () => {
    try {
      return directory.current();
    } catch (error) {
      if (error instanceof FaultError) return undefined;
      throw error;
    }
  };
  const participant = (consumer: string) => {
    const subsystem = subsystemId(consumer);
    return subsystem === undefined ? undefined : current()?.members.get(memberOf(subsystem));
  };
  return {
    member: (consumer) => participant(consumer)?.name,
    system: (consumer) => participant(consumer)?.systems.find(({ id }) => id === consumer)?.name,
    purpose: (id) => current()?.configuration.purposes.find((one) => one.id === id)?.title,
  };
}
