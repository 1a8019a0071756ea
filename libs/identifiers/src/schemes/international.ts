import { modulo, weighted } from '../arithmetic.js';
import { matches, schemes } from '../scheme.js';

/** ISO 7064 mod 97-10: letters count from 10 to 35, and the whole number leaves 1. */
function hasLeiCheck(number: string): boolean {
  return (
    modulo(
      number.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55)),
      97,
    ) === 1
  );
}

/** A1…H8, J1…N5, P7, R9, S2…Z9: the values of 49 CFR 565, as a text in the order of the letters. */
const LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';
const VALUES = '12345678123457923456789';
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

function hasVinCheck(number: string): boolean {
  const digits = number.replace(/[A-Z]/g, (letter) => VALUES[LETTERS.indexOf(letter)] ?? '');
  return '0123456789X'[weighted(digits, WEIGHTS) % 11] === number[8];
}

/** Schemes that belong to no country. */
export const international = schemes({
  lei: {
    bearer: 'legal-person',
    names: { en: 'Legal Entity Identifier (LEI)' },
    form: '18 digits and Latin capitals, then 2 digits',
    hasForm: matches(/^[0-9A-Z]{18}[0-9]{2}$/),
    check: 'ISO 7064 mod 97-10',
    hasCheckDigit: { holds: hasLeiCheck, policy: 'enforce' },
    example: 'ZZZZ00TESTENTITY0091',
    source: 'ISO 17442; GLEIF',
  },
  vin: {
    bearer: 'vehicle',
    names: { en: 'Vehicle Identification Number (VIN)' },
    form: '17 digits and Latin capitals except I, O and Q',
    hasForm: matches(/^[0-9A-HJ-NPR-Z]{17}$/),
    check: 'ninth sign: weights 8…2,10,0,9…2 modulo 11, X for 10; mandatory in North America, not in Europe',
    hasCheckDigit: { holds: hasVinCheck, policy: 'warn', warnsAtMost: true },
    example: '1G4AH59H45G118341',
    source: 'ISO 3779; 49 CFR 565',
  },
});
