import { isDay } from '../arithmetic.js';
import { matches, schemes } from '../scheme.js';

/** What is added to the month, and the first year of the century that this stands for. */
const CENTURIES: Readonly<Record<number, number>> = { 0: 1900, 20: 2000, 40: 2100, 60: 2200, 80: 1800 };

function hasParts(number: string): boolean {
  const [day, month, year, serial] = [number.slice(0, 2), number.slice(2, 4), number.slice(4, 6), number.slice(6, 9)].map(Number);
  if (day === undefined || month === undefined || year === undefined || serial === undefined) return false;
  const offset = Math.floor(month / 20) * 20;
  const century = CENTURIES[offset];
  const isBorn = century !== undefined && isDay(century + year, month - offset, day > 50 ? day - 50 : day - 10);
  return isBorn && serial > 0;
}

/** Armenia. By law the last digit verifies the others; how is not published, so it is never asked. */
export const armenia = schemes({
  'am.psn': {
    country: 'AM',
    bearer: 'person',
    names: { hy: 'հանրային ծառայությունների համարանիշ (ՀԾՀ)', en: 'public services number (PSN)' },
    form: '10 digits, the first not 0',
    hasForm: matches(/^[1-9][0-9]{9}$/),
    parts: 'day + 10 (male) or + 50 (female), month with the century added, YY, serial 001 to 999',
    hasParts: { holds: hasParts, policy: 'warn', warnsAtMost: true },
    check: 'exists by law; its arithmetic is not published',
    example: '4132990010',
    source: 'Law on public services numbers (iravaban.net/402201.html; draft K-6731); offsets from public code',
  },
});
