import type { FaultCode, FaultReport } from '#faults';

/** Thrown by controllers: the answer is the problem document of `code` with its HTTP status. `detail` never quotes input. */
export class ProblemException extends Error {
  constructor(
    readonly code: FaultCode,
    readonly more: { detail?: string; errors?: readonly FaultReport[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code);
    this.name = 'ProblemException';
  }
}
