import { centuryOf, isDay, weighted } from '../arithmetic.js';
import { matches, schemes } from '../scheme.js';

const WEIGHTS = [7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7];

const hasUzbekCheck = (number: string): boolean => weighted(number, WEIGHTS) % 10 === Number(number.at(-1));

function hasParts(number: string): boolean {
  const part = (from: number, to: number) => Number(number.slice(from, to));
  const isBorn = isDay(centuryOf(number[0] ?? '') + part(5, 7), part(3, 5), part(1, 3));
  return isBorn && part(7, 10) > 0 && part(10, 13) > 0;
}

/** Uzbekistan. The arithmetic of the PINFL is known from public code alone: it warns until the owner agency confirms it. */
export const uzbekistan = schemes({
  'uz.pinfl': {
    country: 'UZ',
    bearer: 'person',
    names: { uz: 'JShShIR', ru: 'ПИНФЛ', en: 'personal identification number (PINFL)' },
    form: '14 digits, the first 1 to 6',
    hasForm: matches(/^[1-6][0-9]{13}$/),
    parts: 'century and sex, DDMMYY of birth, district and serial of three digits each, neither 000',
    hasParts: { holds: hasParts, policy: 'warn' },
    check: 'weights 7,3,1 repeated over thirteen digits, modulo 10 (ICAO Doc 9303)',
    hasCheckDigit: { holds: hasUzbekCheck, policy: 'warn' },
    example: '53112990010014',
    source: 'lex.uz/docs/444922 (as cited by the national health profile); arithmetic from public code',
  },
  'uz.stir': {
    country: 'UZ',
    bearer: 'legal-person',
    names: { uz: 'STIR', ru: 'ИНН', en: 'taxpayer identification number' },
    form: '9 digits, the first 2 (company) or 4 to 7 (person)',
    hasForm: matches(/^[24-7][0-9]{8}$/),
    check: 'the last digit is a control digit; its arithmetic is not public',
    example: '299999999',
    source: 'lex.uz/acts/499945',
  },
  'uz.cadastral-number': {
    country: 'UZ',
    bearer: 'parcel',
    names: { uz: 'kadastr raqami', ru: 'кадастровый номер', en: 'cadastral number' },
    form: 'AA:BB:CC:DD:EE:FFFF:GGGG:HHH, digits',
    hasForm: matches(/^([0-9]{2}:){5}[0-9]{4}:[0-9]{4}:[0-9]{3}$/),
    parts: 'region, district, zone, massif, quarter, parcel, building, part',
    check: 'none',
    example: '10:01:01:01:01:0001:0001:001',
    source: 'kadastr.uz, 2023-01-17',
  },
});
