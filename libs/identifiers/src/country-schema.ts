import { COUNTRIES, type CountryName, type CountryPack } from './countries.js';
import type { Bearer, Scheme } from './scheme.js';
import { SCHEMES } from './table.js';

const TITLES: Readonly<Record<Bearer, readonly [name: string, title: string, russian: string]>> = {
  person: ['person', 'Personal number', 'Персональный номер'],
  'legal-person': ['entity', 'Number of a legal entity', 'Номер юридического лица'],
  parcel: ['parcel', 'Cadastral code', 'Кадастровый код'],
  vehicle: ['vehicle', 'Number of a vehicle', 'Номер транспортного средства'],
};

/**
 * A country pack as a schema of definitions, for the country's own record types to refer to: its identifiers, its languages and its
 * formats. `schemas/countries` holds them as files; register one and name it in `references`.
 */
export function countrySchema(name: CountryName): object {
  const pack: CountryPack = COUNTRIES[name];
  const identifiers = Object.entries(pack.schemes).map(([bearer, scheme]) => {
    const [definition, title, russian] = TITLES[bearer as Bearer];
    const { form, names, example }: Scheme = SCHEMES[scheme];
    return [
      definition,
      {
        title,
        description: `${names[pack.languages[0] ?? 'en'] ?? names.en}: ${form}.`,
        'x-khidi-text': { ru: { title: russian } },
        type: 'string',
        'x-khidi-identifier': { scheme },
        examples: [example],
      },
    ] as const;
  });
  const { currency, callingCode } = pack.formats;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:khidi:country:${name}`,
    title: `${pack.names.en}: identifiers, languages, formats`,
    'x-khidi-text': { ru: { title: `${pack.names.ru}: идентификаторы, языки, форматы` } },
    $defs: {
      ...Object.fromEntries(identifiers),
      country: { title: 'Country', 'x-khidi-text': { ru: { title: 'Страна' } }, const: pack.country },
      language: { title: 'Language of record', 'x-khidi-text': { ru: { title: 'Язык записи' } }, enum: pack.languages },
      names: {
        title: 'Names by language',
        'x-khidi-text': { ru: { title: 'Имена по языкам' } },
        type: 'object',
        minProperties: 1,
        propertyNames: { enum: pack.languages },
        additionalProperties: { type: 'string', minLength: 1, maxLength: 300, pattern: '^\\S+( \\S+)*$' },
      },
      money: {
        title: 'Amount in the currency of the country',
        'x-khidi-text': { ru: { title: 'Сумма в валюте страны' } },
        type: 'object',
        additionalProperties: false,
        required: ['amount', 'currency'],
        properties: {
          amount: { title: 'Amount', type: 'string', pattern: '^(0|[1-9][0-9]{0,17})(\\.[0-9]{1,6})?$' },
          currency: { title: 'Currency', const: currency },
        },
      },
      telephone: {
        title: 'Telephone number of the country',
        description: 'E.164.',
        'x-khidi-text': { ru: { title: 'Телефонный номер страны' } },
        type: 'string',
        maxLength: 16,
        pattern: `^\\${callingCode}[0-9]{4,14}$`,
      },
    },
  };
}
