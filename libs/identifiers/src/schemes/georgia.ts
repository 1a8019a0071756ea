import { matches, schemes } from '../scheme.js';

/** Georgia. Code that calls Luhn "the national standard" is wrong: a published sample number fails it. */
export const georgia = schemes({
  'ge.personal-number': {
    country: 'GE',
    bearer: 'person',
    names: { ka: 'პირადი ნომერი', en: 'personal number' },
    form: '11 digits',
    hasForm: matches(/^[0-9]{11}$/),
    check: 'none published',
    example: '99999999999',
    source: 'OECD, tax identification numbers: Georgia',
  },
  'ge.entity-code': {
    country: 'GE',
    bearer: 'legal-person',
    names: { ka: 'საიდენტიფიკაციო კოდი', en: 'identification code' },
    form: '9 digits',
    hasForm: matches(/^[0-9]{9}$/),
    check: 'none known',
    example: '999999999',
    source: 'OECD, tax identification numbers: Georgia',
  },
  'ge.cadastral-code': {
    country: 'GE',
    bearer: 'parcel',
    names: { ka: 'საკადასტრო კოდი', en: 'cadastral code' },
    form: 'four or more groups of digits parted by full stops',
    hasForm: matches(/^[0-9]+(\.[0-9]+){3,}$/),
    parts: 'zone, sector, quarter, block or parcel, …; changes when boundaries are refined, ends on split or merge',
    check: 'none',
    example: '99.01.10.014.024',
    source: 'napr.gov.ge/p/601',
  },
});
