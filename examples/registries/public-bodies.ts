import { createReadStream, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse';
import { canonicalize } from '#canonical';
import type { FaultReport } from '#faults';
import { readMapping } from './mapping.js';
import { inProject } from './project-root.js';
import { ACCEPTED, eventIdOf, memberFor, type SourceRecord } from './source-record.js';

/** The registers of public bodies that are read, by country. */
export const PUBLIC_BODY_COUNTRIES = ['ch', 'gb', 'gr', 'np', 'se'] as const;
export type PublicBodyCountry = (typeof PUBLIC_BODY_COUNTRIES)[number];

/** A record, and the line of the file on which its row begins (the heading is line 1). */
export interface PublicBody extends SourceRecord {
  readonly line: number;
}

/** The file of a country in the shared folder (`KHIDI_SHARED`, by default `../shared`); undefined where it is missing. */
export function publicBodiesFile(country: PublicBodyCountry): string | undefined {
  const file = join(resolve(inProject(), process.env.KHIDI_SHARED ?? '../shared'), 'data', 'public-bodies', `${country}.csv`);
  return existsSync(file) ? file : undefined;
}

/**
 * The public bodies of one country, about 11,000 of five, in the order of the file. `judge` says what a record is to expect, since the
 * registers are as dirty as registers are; without it every record is expected to be accepted. Yields nothing where the
 * file is missing.
 */
export async function* publicBodies(
  country: PublicBodyCountry,
  judge: (record: NonNullable<SourceRecord['record']>) => readonly FaultReport[] = () => [],
): AsyncGenerator<PublicBody> {
  const file = publicBodiesFile(country);
  if (file === undefined) return;
  const mapping = readMapping('public-bodies');
  const rows = createReadStream(file).pipe(parse({ columns: true, info: true }));
  for await (const { record: row, info } of rows as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>) {
    const record = await mapping.apply(row);
    const faults = judge(record);
    yield {
      id: eventIdOf(mapping.recordType, canonicalize(record).toString('utf8')),
      type: mapping.recordType,
      op: mapping.op,
      member: memberFor(country.toUpperCase()),
      record,
      bytes: Buffer.from(JSON.stringify(record)),
      expected: faults.length === 0 ? ACCEPTED : { verdict: 'rejected', faults },
      line: info.lines,
    };
  }
}
