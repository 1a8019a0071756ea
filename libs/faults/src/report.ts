import type { FaultCode } from './table.js';

/**
 * One fault found in one record. `pointer` is an RFC 6901 JSON pointer in which every segment that the schema does not
 * declare is replaced by `*`; `rule` names the keyword or attribute that was broken. Values never appear here.
 */
export interface FaultReport {
  readonly code: FaultCode;
  readonly pointer?: string;
  readonly rule?: string;
}

/** Builds a report without undefined members. */
export function faultReport(code: FaultCode, pointer?: string, rule?: string): FaultReport {
  return { code, ...(pointer === undefined ? {} : { pointer }), ...(rule === undefined ? {} : { rule }) };
}

/**
 * Thrown for defects and broken dependencies only; what is wrong with a record is a verdict, not an exception.
 * `detail` must not contain anything that was read from a record.
 */
export class FaultError extends Error {
  constructor(
    readonly code: FaultCode,
    readonly detail = '',
    options?: { cause?: unknown },
  ) {
    super(detail === '' ? code : `${code}: ${detail}`, options);
    this.name = 'FaultError';
  }
}
