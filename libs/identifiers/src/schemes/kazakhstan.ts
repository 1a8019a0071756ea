import { centuryOf, isDay, weighted } from '../arithmetic.js';
import { matches, schemes } from '../scheme.js';

const FIRST = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SECOND = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];
const CHECK = 'weights 1…11 modulo 11; on 10 weights 3…11,1,2; on 10 again the number is not issued';

function hasKazakhCheck(number: string): boolean {
  const once = weighted(number, FIRST) % 11;
  const digit = once < 10 ? once : weighted(number, SECOND) % 11;
  return digit === Number(number.at(-1));
}

function hasBirthDate(number: string): boolean {
  const part = (from: number, to: number) => Number(number.slice(from, to));
  return isDay(centuryOf(number[6] ?? '') + part(0, 2), part(2, 4), part(4, 6));
}

/** Kazakhstan. */
export const kazakhstan = schemes({
  'kz.iin': {
    country: 'KZ',
    bearer: 'person',
    names: {
      kk: 'жеке сәйкестендіру нөмірі (ЖСН)',
      ru: 'индивидуальный идентификационный номер (ИИН)',
      en: 'individual identification number (IIN)',
    },
    form: '12 digits: a month, a day and a century of 1 to 6 at their places',
    hasForm: matches(/^[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[1-6][0-9]{5}$/),
    parts: 'YYMMDD of birth, century and sex, serial of four digits',
    hasParts: { holds: hasBirthDate, policy: 'enforce' },
    check: CHECK,
    hasCheckDigit: { holds: hasKazakhCheck, policy: 'enforce' },
    example: '991231500016',
    source: 'Law 223 of 2007-01-12 (adilet Z070000223_), Government Decree 406/2007 (P070000406_)',
  },
  'kz.bin': {
    country: 'KZ',
    bearer: 'legal-person',
    names: {
      kk: 'бизнес-сәйкестендіру нөмірі (БСН)',
      ru: 'бизнес-идентификационный номер (БИН)',
      en: 'business identification number (BIN)',
    },
    form: '12 digits: a month, a kind of 4 to 6 and a feature of 0 to 3 at their places',
    hasForm: matches(/^[0-9]{2}(0[1-9]|1[0-2])[4-6][0-3][0-9]{6}$/),
    parts: 'YYMM of registration; 4 resident, 5 non-resident, 6 joint entrepreneur; 0 head, 1 branch, 2 representative, 3 farm',
    check: CHECK,
    hasCheckDigit: { holds: hasKazakhCheck, policy: 'enforce' },
    example: '991240000013',
    source: 'Law 223 of 2007-01-12 (adilet Z070000223_)',
  },
});
