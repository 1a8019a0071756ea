import { FaultError } from '#faults';
import { type Callers, readCallers } from '#http';
import type { Member } from '#record';
import { readJsonFile } from '#settings';

/**
 * The secret hashes of a member's subsystems: `{"<subsystem code>": ["sha-256:<base64url>", …]}`. Throws SETTINGS_INVALID where the file
 * has another form or names a subsystem that the member does not have.
 */
export function readCallersFile(file: string, member: Member): Callers {
  const callers = readCallers(readJsonFile(file));
  if (callers === undefined) throw new FaultError('SETTINGS_INVALID', `${file} is not {"<subsystem code>": ["sha-256:…"]}`);
  const codes = member.subsystems.map((subsystem) => subsystem.slice(member.id.length + 1));
  const unknown = [...callers.keys()].filter((code) => !codes.includes(code));
  if (unknown.length > 0) throw new FaultError('SETTINGS_INVALID', `${file} names subsystems that ${member.id} does not have`);
  return callers;
}
