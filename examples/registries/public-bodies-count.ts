import type { FaultReport } from '#faults';
import type { RecordType } from '#record';
import { projectSchema } from './project-schema.js';
import { PUBLIC_BODY_COUNTRIES, type PublicBodyCountry, publicBodies } from './public-bodies.js';

/** What becomes of the register of one country. */
interface Count {
  readonly country: PublicBodyCountry;
  rows: number;
  accepted: number;
  /** Rows whose identifier an earlier row has already. */
  repeated: number;
  /** `pointer rule` → how many records break that rule; a place in a list is written `{n}`. */
  readonly reasons: Map<string, number>;
}

/** Maps and judges all registers in the shared folder, and gives the two tables of docs/public-bodies.md as Markdown. */
export async function publicBodiesTables(): Promise<string> {
  const counts: Count[] = [];
  for (const country of PUBLIC_BODY_COUNTRIES) counts.push(await count(country));
  const overview = counts.map(
    ({ country, rows, accepted, repeated }) =>
      `| ${country.toUpperCase()} | ${rows} | ${accepted} | ${rows - accepted} | ${repeated} |`,
  );
  const sum = (of: (one: Count) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const total = `| all | ${sum(({ rows }) => rows)} | ${sum(({ accepted }) => accepted)} | ${sum(({ rows, accepted }) => rows - accepted)} | ${sum(({ repeated }) => repeated)} |`;
  const reasons = counts.flatMap(({ country, reasons: found }) =>
    [...found].sort(mostFirst).map(([reason, records]) => {
      const [pointer = '', rule = ''] = reason.split(' ');
      return `| ${country.toUpperCase()} | \`${pointer}\` | \`${rule}\` | ${records} |`;
    }),
  );
  return [
    '| country | rows | accepted | rejected | identifier of an earlier row |',
    '| --- | --- | --- | --- | --- |',
    ...overview,
    total,
    '',
    '| country | pointer | rule | records |',
    '| --- | --- | --- | --- |',
    ...reasons,
  ].join('\n');
}

async function count(country: PublicBodyCountry): Promise<Count> {
  const schema = projectSchema('organisation.public-body' as RecordType);
  const found: Count = { country, rows: 0, accepted: 0, repeated: 0, reasons: new Map() };
  const seen = new Set<string>();
  for await (const { record, expected } of publicBodies(country, (value) => schema.judge(value))) {
    found.rows++;
    const id = record === undefined ? undefined : schema.identifierOf(record);
    if (id !== undefined && seen.has(id)) found.repeated++;
    if (id !== undefined) seen.add(id);
    if (expected.verdict === 'accepted') found.accepted++;
    else
      for (const reason of new Set(expected.faults.map(reasonOf)))
        found.reasons.set(reason, (found.reasons.get(reason) ?? 0) + 1);
  }
  return found;
}

function reasonOf({ pointer = '', rule = '' }: FaultReport): string {
  return `${pointer.replace(/\/\d+/g, '/{n}')} ${rule}`;
}

function mostFirst([a, m]: readonly [string, number], [b, n]: readonly [string, number]): number {
  return n - m || (a < b ? -1 : 1);
}
