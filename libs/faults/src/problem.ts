import type { FaultReport } from './report.js';
import { FAULTS, type FaultCode } from './table.js';

/** An answer by RFC 9457. `title` is constant for each code; `detail` and `errors` never contain values of a record. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: FaultCode;
  readonly detail?: string;
  /** The correlation id of the request, `urn:uuid:…`. */
  readonly instance?: string;
  readonly errors?: readonly FaultReport[];
}

/** Makes the problem document of one fault. `type` is a URN, since no public host can be promised. */
export function problem(
  code: FaultCode,
  more: { detail?: string; instance?: string; errors?: readonly FaultReport[] } = {},
): Problem {
  const { title, status, next } = FAULTS[code];
  return {
    type: `urn:khidi:fault:${code}`,
    title,
    status,
    code,
    detail: more.detail ?? next,
    ...(more.instance === undefined ? {} : { instance: more.instance }),
    ...(more.errors === undefined ? {} : { errors: more.errors }),
  };
}
