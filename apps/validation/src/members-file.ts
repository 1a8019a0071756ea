import { readFile } from 'node:fs/promises';
import type { Membership } from '#record';
import { readMembers } from '#settings';
import { describeError, type Logger } from '#telemetry';

/** The membership as it stands in its file now. */
export interface MembersFile {
  current(): Membership;
  /** Looks now instead of at the next turn. Never rejects. */
  look(): Promise<void>;
  close(): void;
}

const LOOK_MILLISECONDS = 2000;

/**
 * Follows the members file. A new version counts once it is whole and correct; until then the last one does, and the mistake is
 * logged. Its text is compared, since a mounted file is often replaced without its status changing in a way that can be relied on.
 * Throws SETTINGS_INVALID where the first version is not usable.
 */
export function followMembers(file: string, log: Logger): MembersFile {
  let membership = readMembers(file);
  let known: string | undefined;
  const look = async () => {
    try {
      const text = await readFile(file, 'utf8');
      if (text === known) return;
      known = text; // also of a mistaken version, so that it is reported once
      membership = readMembers(file);
      log.info('members read', { members: membership.members.length });
    } catch (error) {
      log.error('members file is not usable; the last one stays', describeError(error));
    }
  };
  const timer = setInterval(() => void look(), LOOK_MILLISECONDS);
  timer.unref();
  return { current: () => membership, look, close: () => clearInterval(timer) };
}
