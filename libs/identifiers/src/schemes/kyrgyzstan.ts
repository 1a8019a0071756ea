import { matches, schemes } from '../scheme.js';

/** Kyrgyzstan. What the digits of its numbers mean is said by many and stated by no text that was found. */
export const kyrgyzstan = schemes({
  'kg.pin': {
    country: 'KG',
    bearer: 'person',
    names: {
      ky: 'жеке идентификациялык номер (ПИН)',
      ru: 'персональный идентификационный номер (ПИН)',
      en: 'personal identification number (PIN)',
    },
    form: '14 digits',
    hasForm: matches(/^[0-9]{14}$/),
    check: 'none found',
    example: '23112209900001',
    source: 'Decree 619 of 2017-09-28 (cbd.minjust.gov.kg 98940); grs.gov.kg',
  },
  'kg.legal-entity-number': {
    country: 'KG',
    bearer: 'legal-person',
    names: { ru: 'ИНН юридического лица', en: 'legal entity number' },
    form: '14 digits',
    hasForm: matches(/^[0-9]{14}$/, 'warn'),
    check: 'claimed, not verified',
    example: '99999999999999',
    source: 'kgaccount.com (thin)',
  },
});
