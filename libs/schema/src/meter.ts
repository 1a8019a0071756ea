/** How much work judging one record may cost, in units of roughly ten nanoseconds. */
export const JUDGEMENT_UNITS = 5_000_000;
/** How much the second judgement, which looks for every violated rule, may cost. Its units also pay for error objects. */
export const REPORT_UNITS = 500_000;

/**
 * Counts the work of one judgement and stops it by throwing {@link OutOfUnits}. Units are counted, not timed, so that the same
 * record gets the same verdict on a slow day and on every machine. Judging is synchronous, so one meter serves a whole process.
 */
export const meter = { left: 0 };

/** Thrown through generated code when the meter is empty. */
export class OutOfUnits extends Error {
  constructor() {
    super('the judgement cost more than it may');
    this.name = 'OutOfUnits';
  }
}

/** Takes `units` off the meter. */
export function charge(units: number): void {
  meter.left -= units;
  if (meter.left < 0) throw new OutOfUnits();
}

/** What looking once at every member of `value` costs. */
export function membersOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}
