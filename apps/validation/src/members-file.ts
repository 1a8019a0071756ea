import type { Membership } from '#record';
import { type FollowedFile, followFile, readMembers } from '#settings';
import { describeError, type Logger } from '#telemetry';

/** Follows the members file. Throws SETTINGS_INVALID where the first version is not usable. */
export function followMembers(file: string, log: Logger): FollowedFile<Membership> {
  return followFile(file, readMembers, {
    onRead: ({ members }) => log.info('members read', { members: members.length }),
    onMistake: (error) => log.error('members file is not usable; the last one stays', describeError(error)),
  });
}
