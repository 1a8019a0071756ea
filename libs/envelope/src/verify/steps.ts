import type { FaultCode } from '#faults';

/** The checks of a verifier, in their fixed order (DESIGN section 5), each with the one fault that it gives. */
const ORDER = [
  ['size', 'ENVELOPE_SIZE'],
  ['grammar', 'ENVELOPE_GRAMMAR'],
  ['base64url', 'ENVELOPE_BASE64'],
  ['header JSON', 'ENVELOPE_HEADER_JSON'],
  ['header members', 'ENVELOPE_HEADER_MEMBER'],
  ['typ', 'ENVELOPE_TYP'],
  ['alg', 'ENVELOPE_ALG'],
  ['kid', 'ENVELOPE_KID_FORM'],
  ['key known', 'ENVELOPE_KEY_UNKNOWN'],
  ['key issuer', 'ENVELOPE_KEY_ISSUER'],
  ['key algorithm', 'ENVELOPE_KEY_ALGORITHM'],
  ['key status', 'ENVELOPE_KEY_STATUS'],
  ['signature', 'ENVELOPE_SIGNATURE'],
  ['claims JSON', 'ENVELOPE_CLAIMS_JSON'],
  ['claims', 'ENVELOPE_CLAIMS'],
  ['audience', 'ENVELOPE_AUDIENCE'],
  ['schema digest', 'ENVELOPE_SCHEMA_DIGEST'],
  ['record digest', 'ENVELOPE_RECORD_DIGEST'],
  ['origin seal', 'ENVELOPE_ORIGIN_SEAL'],
  ['headers', 'ENVELOPE_HEADERS_DIFFER'],
  ['replay', 'ENVELOPE_REPLAY'],
] as const satisfies readonly (readonly [string, FaultCode])[];

/** The name of one check. */
export type StepName = (typeof ORDER)[number][0];
/** The fault of one check. */
export type StepFault = (typeof ORDER)[number][1];

/** One check and how it went. `not asked` means that the caller gave nothing to compare with. */
export interface Step {
  readonly name: StepName;
  readonly result: 'held' | 'failed' | 'not asked' | 'not reached';
}

/** All checks in order, from the one that failed (none: undefined) and those that were not asked for. */
export function stepsOf(failed: StepFault | undefined, notAsked: ReadonlySet<StepName>): readonly Step[] {
  const at = failed === undefined ? ORDER.length : ORDER.findIndex(([, fault]) => fault === failed);
  return ORDER.map(([name], i) => {
    if (i === at) return { name, result: 'failed' };
    if (i > at) return { name, result: 'not reached' };
    return { name, result: notAsked.has(name) ? 'not asked' : 'held' };
  });
}
