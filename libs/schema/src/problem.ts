import type { FaultCode } from '#faults';

/**
 * Why a schema cannot be used. Thrown inside this lib only, and turned into an answer at its front door. `message` is shown to
 * whoever registers the schema; it may quote the schema, which is public, and never a record.
 */
export class SchemaProblem extends Error {
  constructor(
    readonly code: FaultCode,
    message: string,
    readonly pointer?: string,
    readonly rule?: string,
  ) {
    super(message);
    this.name = 'SchemaProblem';
  }
}

/** The problem that a keyword of the schema is wrong. */
export function invalid(message: string, pointer?: string, rule?: string): SchemaProblem {
  return new SchemaProblem('SCHEMA_INVALID', message, pointer, rule);
}
