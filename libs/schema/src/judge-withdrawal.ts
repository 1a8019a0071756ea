import { isJsonObject, type JsonValue } from '#canonical';
import { type FaultReport, faultReport } from '#faults';

/**
 * A withdrawal says nothing but which record it means: every level on the way to the identifier has one member. Whatever else it
 * carries is a SCHEMA_VIOLATION; the names of those members may be data, so they are not told.
 */
export function judgeWithdrawal(value: JsonValue, identifier: string): FaultReport[] {
  const faults: FaultReport[] = [];
  let at: JsonValue | undefined = value;
  let path = '';
  for (const segment of identifier.split('/').slice(1)) {
    if (!isJsonObject(at)) break; // the identifier is missing, which is told by its own fault
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Object.keys(at).some((member) => member !== name)) {
      faults.push(faultReport('SCHEMA_VIOLATION', `${path}/*`, 'additionalProperties'));
    }
    path += `/${segment}`;
    at = Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return faults;
}
