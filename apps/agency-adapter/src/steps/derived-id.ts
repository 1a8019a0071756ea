import { createHash } from 'node:crypto';
import type { MemberId } from '#record';

/**
 * The event id of a row that brings none: the same member, event type and row content give the same id, so that a file may be
 * sent again without anything happening twice. 43 characters.
 */
export function derivedId(member: MemberId, type: string, content: Buffer): string {
  return createHash('sha256').update(`khidi-row\0${member}\0${type}\0`).update(content).digest('base64url');
}
