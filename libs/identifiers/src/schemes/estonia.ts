import { centuryOf, isDay, weighted } from '../arithmetic.js';
import { matches, schemes } from '../scheme.js';

/** Weights 1…9,1; where the remainder by 11 is 10, weights 3…9,1,2,3; where it is 10 again, the digit is 0. */
function hasEstonianCheck(number: string): boolean {
  const places = Array.from({ length: number.length - 1 }, (_, i) => i);
  const remainder = (first: number) =>
    weighted(
      number,
      places.map((i) => ((i + first - 1) % 9) + 1),
    ) % 11;
  const once = remainder(1);
  const digit = once < 10 ? once : remainder(3) % 10;
  return digit === Number(number.at(-1));
}

function hasBirthDate(number: string): boolean {
  const part = (from: number, to: number) => Number(number.slice(from, to));
  return isDay(centuryOf(number[0] ?? '') + part(1, 3), part(3, 5), part(5, 7));
}

/** Estonia. */
export const estonia = schemes({
  'ee.isikukood': {
    country: 'EE',
    bearer: 'person',
    names: { et: 'isikukood', en: 'personal identification code' },
    form: '11 digits, the first 1 to 8',
    hasForm: matches(/^[1-8][0-9]{10}$/),
    parts: 'sex and century, YYMMDD of birth, serial of three digits',
    hasParts: { holds: hasBirthDate, policy: 'enforce' },
    check: 'weights 1…9,1 modulo 11; on 10 weights 3…9,1,2,3; on 10 again 0',
    hasCheckDigit: { holds: hasEstonianCheck, policy: 'enforce' },
    example: '79912310014',
    source: 'Riigi Teataja 106032012004 (personal identification code)',
  },
  'ee.registrikood': {
    country: 'EE',
    bearer: 'legal-person',
    names: { et: 'registrikood', en: 'registry code' },
    form: '8 digits, the first 1, 7, 8 or 9',
    hasForm: matches(/^[1789][0-9]{7}$/),
    check: 'the arithmetic of the isikukood over seven digits; seen in use, documented by nobody',
    hasCheckDigit: { holds: hasEstonianCheck, policy: 'warn' },
    example: '12345678',
    source: 'python-stdnum, ee.registrikood ("undocumented")',
  },
});
