import { weighted } from '../arithmetic.js';
import { matches, schemes } from '../scheme.js';

/** A remainder of 10 has no digit: such a number is not issued, and no digit equals it. */
const hasVoenCheck = (number: string): boolean => weighted(number, [4, 1, 8, 6, 2, 7, 5, 3]) % 11 === Number(number[8]);

/** Azerbaijan. */
export const azerbaijan = schemes({
  'az.fin': {
    country: 'AZ',
    bearer: 'person',
    names: { az: 'fərdi identifikasiya nömrəsi (FİN)', en: 'personal identification number (FIN)' },
    form: '7 digits and Latin capitals except I and O',
    hasForm: matches(/^[0-9A-HJ-NP-Z]{7}$/),
    check: 'none: the symbols are picked at random',
    example: '0ABCXYZ',
    source: 'Cabinet of Ministers, Resolution 92 of 2005-05-19',
  },
  'az.voen': {
    country: 'AZ',
    bearer: 'legal-person',
    names: { az: 'VÖEN', en: 'taxpayer identification number (VÖEN)' },
    form: '10 digits, the last 1 (legal person) or 2 (natural person)',
    hasForm: matches(/^[0-9]{9}[12]$/),
    check: 'ninth digit: weights 4,1,8,6,2,7,5,3 modulo 11; on 10 the number is not issued',
    hasCheckDigit: { holds: hasVoenCheck, policy: 'enforce' },
    example: '9900000141',
    source: 'python-stdnum, az.voen',
  },
});
