import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MemberId, memberInTopic } from '#record';
import {
  DEMONSTRATION_COUNTRIES,
  LOCALITY,
  localities,
  memberFor,
  PERSON,
  type PublicBodyCountry,
  persons,
  publicBodiesFile,
  type SourceRecord,
} from '../../examples/registries/index.js';

/** One file and how an agency sends it. */
export interface Parcel {
  readonly member: MemberId;
  readonly file: string;
  /** Of `khidi send`. */
  readonly options: readonly string[];
}

/** Enough to look at, with each kind of fault about once. */
const PERSONS = { count: 120, faults: 0.1 };
/** One register for each agency; all five take a minute. */
const REGISTERS: readonly PublicBodyCountry[] = ['gr', 'np', 'se'];

/**
 * Writes what the agencies send to `demonstration/` of the folder, where it can be looked at and sent again by hand: localities and
 * persons as NDJSON. Registers of public bodies are sent as CSV from where they lie, where they are at hand.
 */
export function writeParcels(folder: string): readonly Parcel[] {
  const place = join(folder, 'demonstration');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return [
    ...writeRecords(place, LOCALITY, localities(DEMONSTRATION_COUNTRIES)),
    ...writeRecords(place, PERSON, persons(PERSONS)),
    ...REGISTERS.flatMap((country): readonly Parcel[] => {
      const file = publicBodiesFile(country);
      if (file === undefined) return [];
      return [{ member: memberFor(country.toUpperCase()), file, options: ['--mapping', 'public-bodies'] }];
    }),
  ];
}

/** One file for each agency, one record a line, exactly as its bytes are. */
function writeRecords(place: string, type: string, records: Iterable<SourceRecord>): readonly Parcel[] {
  const lines = new Map<MemberId, Buffer[]>();
  for (const { member, bytes } of records) {
    const known = lines.get(member) ?? [];
    lines.set(member, known);
    known.push(bytes, LINE_FEED);
  }
  return [...lines].map(([member, parts]) => {
    const file = join(place, `${memberInTopic(member)}.${type}.ndjson`);
    writeFileSync(file, Buffer.concat(parts), { mode: 0o600 });
    return { member, file, options: ['--type', type, '--schema', '1'] };
  });
}

const LINE_FEED = Buffer.from('\n');
