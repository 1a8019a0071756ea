/** The countries whose persons are made. */
export const PERSON_COUNTRIES = ['EE', 'GE', 'AM', 'AZ', 'KZ', 'KG', 'UZ', 'TJ'] as const;
export type PersonCountry = (typeof PERSON_COUNTRIES)[number];

/** Whom a number belongs to. All are born in 2099 or later, so no number can belong to a living person. */
export interface Bearer {
  readonly number: string;
  readonly sex: 'female' | 'male';
  /** RFC 3339 full-date. */
  readonly birthDate: string;
}

const DAYS = 365;
/** Serials of one day stay below this, so that the next one tried belongs to nobody else. */
const KZ_NEXT = 1000;

/** The `n`th synthetic person of a country (from 0), with a number of that country's form and, where one is published, its check digit. */
export function bearer(country: PersonCountry, n: number): Bearer {
  const isMale = n % 2 === 1;
  const k = Math.floor(n / 2);
  const year = country === 'EE' || country === 'GE' || country === 'AZ' || country === 'TJ' ? 2100 + (k % 20) : 2099;
  const day = new Date(Date.UTC(year, 0, 1 + (k % DAYS)));
  const birthDate = day.toISOString().slice(0, 10);
  const serial = 1 + Math.floor(k / DAYS);
  return { number: numberOf(country, { isMale, birthDate, serial, n }), sex: isMale ? 'male' : 'female', birthDate };
}

interface Facts {
  readonly isMale: boolean;
  readonly birthDate: string;
  readonly serial: number;
  readonly n: number;
}

function numberOf(country: PersonCountry, { isMale, birthDate, serial, n }: Facts): string {
  const [year = '', month = '', day = ''] = birthDate.split('-');
  const yy = year.slice(2);
  switch (country) {
    case 'EE':
      return withEstonianCheck(`${isMale ? 7 : 8}${yy}${month}${day}${padded(serial, 3)}`);
    case 'KZ':
      return withKazakhCheck(`${yy}${month}${day}${isMale ? 5 : 6}`, serial);
    case 'UZ':
      return withUzbekCheck(`${isMale ? 5 : 6}${day}${month}${yy}${padded(1 + (n % 998), 3)}${padded(serial, 3)}`);
    case 'AM':
      return `${Number(day) + (isMale ? 10 : 50)}${Number(month) + 20}${yy}${padded(serial, 3)}${n % 10}`;
    case 'KG':
      return `${isMale ? 2 : 1}${day}${month}${year}${padded(serial, 5)}`;
    case 'GE':
      return `9${padded(n, 10)}`;
    case 'AZ':
      return inBase34(n * 7919, 7);
    case 'TJ':
      return `T${padded(n, 8)}`;
    default:
      return country satisfies never;
  }
}

const padded = (value: number, width: number): string => String(value).padStart(width, '0');

function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0);
}

/** Weights 1…9,1; where the remainder by 11 is 10, weights 3…9,1,2,3; where it is 10 again, 0. */
export function withEstonianCheck(body: string): string {
  const first = weighted(body, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const second = weighted(body, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return `${body}${first < 10 ? first : second % 10}`;
}

/** Like the Estonian one with eleven weights, except that a number which finds 10 twice is not issued: a later serial is. */
export function withKazakhCheck(head: string, serial: number): string {
  for (let other = serial; other < 10_000; other += KZ_NEXT) {
    const body = `${head}${padded(other, 4)}`;
    const first = weighted(body, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    const check = first < 10 ? first : weighted(body, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    if (check < 10) return `${body}${check}`;
  }
  throw new Error('no serial of this day gives a number');
}

/** ICAO's weights 7, 3, 1 over thirteen digits, modulo 10. */
export function withUzbekCheck(body: string): string {
  return `${body}${weighted(body, [7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7]) % 10}`;
}

/** Digits and Latin letters without I and O. */
const BASE34 = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

function inBase34(value: number, width: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < width; i++) {
    text = `${BASE34[rest % BASE34.length]}${text}`;
    rest = Math.floor(rest / BASE34.length);
  }
  return text;
}
