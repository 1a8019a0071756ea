import type { RecordType } from '#record';
import { PERSON_COUNTRIES } from './persons/national-number.js';
import { personOf } from './persons/person.js';
import { Random } from './persons/random.js';
import { SPOILS } from './persons/spoil.js';
import { ACCEPTED, eventIdOf, memberFor, type SourceRecord } from './source-record.js';

export const PERSON = 'population.person' as RecordType;

/** How many persons of which kind. */
export interface PersonOptions {
  readonly count: number;
  /** The first one's number; the `i`th person is the same whatever else is asked for. */
  readonly from?: number;
  /** Other seeds give other persons with other ids. */
  readonly seed?: number;
  /** The share of records with a fault, 0 to 1. Their kinds come in turn. */
  readonly faults?: number;
}

const KINDS = Object.values(SPOILS);
/** Persons of different seeds must not share a personal number. */
const PERSONS_PER_SEED = 1_000_000;

/**
 * Synthetic persons of eight countries: names in eight languages and four scripts, born in 2099 or later, about a kilobyte each. Faults
 * of {@link SPOILS} are spread among them, each with what it is expected to be told. Up to a million persons a seed.
 */
export function* persons({ count, from = 0, seed = 1, faults = 0 }: PersonOptions): Generator<SourceRecord> {
  for (let i = from; i < from + count; i++) yield personAt(i, seed, faults);
}

function personAt(i: number, seed: number, faults: number): SourceRecord {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b));
  const country = PERSON_COUNTRIES[i % PERSON_COUNTRIES.length] ?? 'EE';
  const isSpoilt = random.chance(faults);
  const n = ((seed - 1) % 5) * (PERSONS_PER_SEED / PERSON_COUNTRIES.length) + Math.floor(i / PERSON_COUNTRIES.length);
  const person = personOf(country, n, random);
  const event = { id: eventIdOf(PERSON, `${seed}/${i}`), type: PERSON, op: 'created', member: memberFor(country) } as const;
  const spoil = isSpoilt ? KINDS[random.between(0, KINDS.length - 1)] : undefined;
  if (spoil === undefined) return { ...event, record: person, bytes: Buffer.from(JSON.stringify(person)), expected: ACCEPTED };
  const { faults: told, ...spoilt } = spoil(person);
  return { ...event, ...spoilt, expected: { verdict: 'rejected', faults: told } };
}
