import { FaultError } from '#faults';
import { type Callers, readCallersFile } from '#http';
import type { Member } from '#record';

/**
 * The secret hashes of a member's subsystems: `{"<subsystem code>": ["sha-256:<base64url>", …]}`. Throws SETTINGS_INVALID where the file
 * has another form or names a subsystem that the member does not have.
 */
export function readSubsystemCallers(file: string, member: Member): Callers {
  const callers = readCallersFile(file, '<subsystem code>');
  const codes = member.subsystems.map((subsystem) => subsystem.slice(member.id.length + 1));
  const unknown = [...callers.keys()].filter((code) => !codes.includes(code));
  if (unknown.length > 0) throw new FaultError('SETTINGS_INVALID', `${file} names subsystems that ${member.id} does not have`);
  return callers;
}
