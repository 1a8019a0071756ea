import { NAMES, type NameStock } from './names.js';
import { type Bearer, bearer, type PersonCountry } from './national-number.js';
import type { Random } from './random.js';

/** A population record by schemas/population/person/1.0.json: about 30 fields in about a kilobyte. */
export type PersonRecord = ReturnType<typeof personOf>;

/** The `n`th synthetic person of a country. */
export function personOf(country: PersonCountry, n: number, random: Random) {
  const stock = NAMES[country];
  const who = bearer(country, n);
  const died = random.chance(0.03);
  const locality = random.pick(stock.localities);
  const entered = `${yearAfter(who.birthDate, random.between(0, 30))}T${pad(random.between(8, 17))}:${random.between(10, 59)}:00+04:00`;
  const issued = yearAfter(who.birthDate, random.between(16, 40));
  return {
    id: `${country}-${who.number}`,
    names: namesOf(stock, who, random),
    sex: who.sex,
    birth: { date: who.birthDate, country, place: random.pick(stock.localities) },
    status: died ? 'deceased' : 'alive',
    ...(died ? { deathDate: yearAfter(who.birthDate, random.between(60, 90)) } : {}),
    civilStatus: random.pick(['single', 'married', 'divorced', 'widowed', 'registered-partnership']),
    nationalities: random.chance(0.1) ? [country, 'FI'] : [country],
    parents: [`${country}-${bearer(country, n + 20_000).number}`, `${country}-${bearer(country, n + 20_001).number}`],
    residence: {
      country,
      region: random.pick(stock.localities),
      locality,
      street: random.pick(stock.streets),
      building: `${random.between(1, 240)}${random.chance(0.2) ? 'A' : ''}`,
      apartment: String(random.between(1, 120)),
      postalCode: random.digits(country === 'EE' ? 5 : country === 'GE' || country === 'AM' ? 4 : 6),
      since: yearAfter(who.birthDate, random.between(0, 40)),
    },
    document: {
      kind: random.pick(['identity-card', 'passport', 'residence-permit']),
      number: `${country}${random.digits(7)}`,
      issuer: stock.office,
      issued,
      expires: yearAfter(issued, 10),
    },
    contact: {
      email: `p${n}.${random.digits(4)}@person.example`,
      telephone: `+999${random.digits(9)}`,
      language: stock.language,
    },
    register: {
      office: `${country}-${pad(random.between(1, 9))}${random.between(0, 9)}`,
      act: `${random.between(1, 99_999)}/${who.birthDate.slice(0, 4)}`,
      entered,
      version: random.between(1, 12),
    },
  };
}

function namesOf(stock: NameStock, { sex }: Bearer, random: Random) {
  const isFemale = sex === 'female';
  const [given, givenLatin] = random.pick(isFemale ? stock.female : stock.male);
  const [family, familyLatin] = random.pick(isFemale ? stock.familyFemale : stock.familyMale);
  const patronymics = isFemale ? stock.patronymicFemale : stock.patronymicMale;
  const patronymic = patronymics === undefined ? undefined : random.pick(patronymics);
  return {
    language: stock.language,
    given,
    family,
    ...(patronymic === undefined ? {} : { patronymic }),
    full: [family, given, patronymic].filter((part) => part !== undefined).join(' '),
    passport: { given: givenLatin, family: familyLatin },
  };
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** The same day some years later; the 29th of February would not always exist, so it is the 28th. */
function yearAfter(date: string, years: number): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(year) + years}-${month}-${month === '02' && day === '29' ? '28' : day}`;
}
