import type { Bearer } from './scheme.js';
import type { SchemeName } from './table.js';

/** What a country chooses: the schemes of its identifiers, its languages, and how its texts are written. */
export interface CountryPack {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** In its own languages and English. */
  readonly names: Readonly<Record<string, string>>;
  /** Which scheme identifies whom; a bearer whose scheme was not found published is missing. */
  readonly schemes: Readonly<Partial<Record<Bearer, SchemeName>>>;
  /** BCP 47, the language of record first. */
  readonly languages: readonly string[];
  readonly formats: {
    /** ISO 4217. */
    readonly currency: string;
    /** ITU-T E.164. */
    readonly callingCode: string;
    /** How numbers, dates and lists are shown: BCP 47 for Intl. */
    readonly locale: string;
    /** Whether lower case must be made with the locale: elsewhere `I` and `İ` become other letters. */
    readonly foldsWithLocale: boolean;
    /** Whether upper case may be shown: Georgian Mtavruli is in few fonts, and the Armenian և becomes two letters. */
    readonly upperCase: boolean;
    /** Signs that people write for U+02BB in names; NFKC keeps them apart. */
    readonly apostrophes: string;
  };
}

const PLAIN = { foldsWithLocale: false, upperCase: true, apostrophes: '' } as const;

/** The country packs. */
export const COUNTRIES = {
  ge: {
    country: 'GE',
    names: { ka: 'საქართველო', en: 'Georgia', ru: 'Грузия' },
    schemes: { person: 'ge.personal-number', 'legal-person': 'ge.entity-code', parcel: 'ge.cadastral-code' },
    languages: ['ka', 'en', 'ru'],
    formats: { ...PLAIN, currency: 'GEL', callingCode: '+995', locale: 'ka-GE', upperCase: false },
  },
  am: {
    country: 'AM',
    names: { hy: 'Հայաստան', en: 'Armenia', ru: 'Армения' },
    schemes: { person: 'am.psn' },
    languages: ['hy', 'en', 'ru'],
    formats: { ...PLAIN, currency: 'AMD', callingCode: '+374', locale: 'hy-AM', upperCase: false },
  },
  az: {
    country: 'AZ',
    names: { az: 'Azərbaycan', en: 'Azerbaijan', ru: 'Азербайджан' },
    schemes: { person: 'az.fin', 'legal-person': 'az.voen' },
    languages: ['az', 'en', 'ru'],
    formats: { ...PLAIN, currency: 'AZN', callingCode: '+994', locale: 'az-AZ', foldsWithLocale: true },
  },
  kz: {
    country: 'KZ',
    names: { kk: 'Қазақстан', en: 'Kazakhstan', ru: 'Казахстан' },
    schemes: { person: 'kz.iin', 'legal-person': 'kz.bin' },
    languages: ['kk', 'ru', 'en'],
    formats: { ...PLAIN, currency: 'KZT', callingCode: '+7', locale: 'kk-KZ' },
  },
  kg: {
    country: 'KG',
    names: { ky: 'Кыргызстан', en: 'Kyrgyzstan', ru: 'Киргизия' },
    schemes: { person: 'kg.pin', 'legal-person': 'kg.legal-entity-number' },
    languages: ['ky', 'ru', 'en'],
    formats: { ...PLAIN, currency: 'KGS', callingCode: '+996', locale: 'ky-KG' },
  },
  uz: {
    country: 'UZ',
    names: { uz: 'Oʻzbekiston', 'uz-Cyrl': 'Ўзбекистон', en: 'Uzbekistan', ru: 'Узбекистан' },
    schemes: { person: 'uz.pinfl', 'legal-person': 'uz.stir', parcel: 'uz.cadastral-number' },
    languages: ['uz', 'uz-Cyrl', 'ru', 'en'],
    formats: { ...PLAIN, currency: 'UZS', callingCode: '+998', locale: 'uz-UZ', apostrophes: '\u02bb\u2018\u0027\u02bc\u0060' },
  },
  ee: {
    country: 'EE',
    names: { et: 'Eesti', en: 'Estonia', ru: 'Эстония' },
    schemes: { person: 'ee.isikukood', 'legal-person': 'ee.registrikood' },
    languages: ['et', 'en', 'ru'],
    formats: { ...PLAIN, currency: 'EUR', callingCode: '+372', locale: 'et-EE' },
  },
} as const satisfies Readonly<Record<string, CountryPack>>;

/** The name of a country pack: the country in lower case. */
export type CountryName = keyof typeof COUNTRIES;

/**
 * A name in the form in which two writings of it are compared, never shown or stored: NFC, one sign for all that a country writes as
 * U+02BB, lower case by the country's rules.
 */
export function comparableName(country: CountryName, name: string): string {
  const { apostrophes, locale, foldsWithLocale }: CountryPack['formats'] = COUNTRIES[country].formats;
  const signs = new Set(apostrophes);
  const one = Array.from(name.normalize('NFC'), (sign) => (signs.has(sign) ? '\u02bb' : sign)).join('');
  return foldsWithLocale ? one.toLocaleLowerCase(locale) : one.toLowerCase();
}
