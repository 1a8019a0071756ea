/**
 * How much work judging one record may cost. A unit is something like asking one keyword about one value, 10 to 100 ns. A record as large
 * as one may be, 640 KiB of the smallest items, costs about two thirds of it.
 */
export const JUDGEMENT_UNITS = 3_000_000;
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

/** Whether an error means that judging cost too much: units, or the stack where a record nests deeply. */
export function isTooMuch(error: unknown): boolean {
  return error instanceof OutOfUnits || error instanceof RangeError;
}

/** Takes `units` off the meter. */
export function charge(units: number): void {
  meter.left -= units;
  if (meter.left < 0) throw new OutOfUnits();
}

const UNITS_PER_MEMBER = 4;

/** What looking once at every member of `value` costs. */
export function membersOf(value: unknown): number {
  const members = Array.isArray(value)
    ? value.length
    : typeof value === 'object' && value !== null
      ? Object.keys(value).length
      : 0;
  return members * UNITS_PER_MEMBER;
}
