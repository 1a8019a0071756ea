/** The sum of the digits of `text` from its first on, each times its weight. `text` has a digit for every weight. */
export function weighted(text: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(text[i]), 0);
}

/** A number of decimal digits modulo `divisor`, read digit by digit, so that it may be of any length. */
export function modulo(digits: string, divisor: number): number {
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % divisor;
  return rest;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Whether the Gregorian calendar has this day. */
export function isDay(year: number, month: number, day: number): boolean {
  const isLeap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS[month - 1] ?? 0) + (isLeap ? 1 : 0);
}

/** The first year of the century that a digit for sex and century stands for: 1 and 2 are the 1800s, 3 and 4 the 1900s, and so on. */
export function centuryOf(digit: string): number {
  return 1800 + 100 * Math.floor((Number(digit) - 1) / 2);
}
