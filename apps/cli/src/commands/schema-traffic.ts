import type { FaultReport } from '#faults';
import { recordType, sealedTopic } from '#record';
import { readSchemas } from '../compared-files.js';
import { CliError, EXIT } from '../exit.js';
import { kafkaOfFlag, withKafka } from '../kafka.js';
import { requireInstance, type Where } from '../local.js';
import { asJson, asTable, type Format, note, write } from '../output.js';
import { declares, type Judge, judgeOf } from '../schema-files.js';
import { decodeEnvelope } from '../sealed-record.js';

/** What `khidi schema check --against traffic` is told. */
export interface TrafficFlags extends Where {
  readonly output: Format;
  readonly type?: string;
  readonly last: number;
  readonly brokers?: readonly string[];
  readonly reference?: readonly string[];
}

/** What real records say of a candidate. No value of a record is in it. */
interface Report {
  readonly type: string;
  readonly records: number;
  readonly failing: number;
  /** How many of the records name which version of the schema, and how many of these fail. */
  readonly versions: readonly { readonly version: number; readonly records: number; readonly failing: number }[];
  /** Each broken rule and place, with the number of records that break it; the most frequent first. */
  readonly faults: readonly Broken[];
}

type Broken = Pick<FaultReport, 'code'> & { readonly pointer: string; readonly keyword?: string; readonly records: number };

const MOST_RECORDS = 100_000;

/** Judges the last sealed records of a type by a candidate, as the road would, and tells how many would be refused. */
export async function checkTraffic(files: readonly string[], flags: TrafficFlags): Promise<void> {
  const [file = '', ...more] = files;
  const type = recordType(flags.type ?? '');
  if (more.length > 0) throw new CliError(EXIT.usage, '--against traffic takes the candidate alone.');
  if (type === undefined) throw new CliError(EXIT.usage, '--against traffic needs --type, a record type like address.locality.');
  if (flags.last > MOST_RECORDS) throw new CliError(EXIT.usage, `--last is at most ${MOST_RECORDS}.`);
  const [source] = await readSchemas([file], flags.reference);
  if (source === undefined || !declares(source.text))
    throw new CliError(EXIT.usage, `${file} is no schema of a record type: x-khidi is missing.`);
  const judge = judgeOf(file, source.text, source.references);
  const place = await kafkaOfFlag(flags.brokers, () => requireInstance(flags));
  const sealed = await withKafka(place, (client) => client.recent(sealedTopic(type), flags.last));
  const report = reportOf(
    type,
    sealed.flatMap(({ value }) => value ?? []),
    judge,
  );
  await write(flags.output === 'json' ? asJson(report) : lines(report));
  if (report.records === 0) note(`There is no record on ${sealedTopic(type)}.`);
  if (report.records === 0 || report.failing > 0) process.exitCode = EXIT.no;
}

function reportOf(type: string, envelopes: readonly Buffer[], judge: Judge): Report {
  const versions = new Map<number, { records: number; failing: number }>();
  const broken = new Map<string, Broken>();
  let failing = 0;
  for (const envelope of envelopes) {
    const { version, isWithdrawal, record } = decodeEnvelope(envelope);
    const { faults } = judge(record, isWithdrawal);
    const counts = versions.get(version) ?? { records: 0, failing: 0 };
    const fails = faults.length > 0 ? 1 : 0;
    failing += fails;
    versions.set(version, { records: counts.records + 1, failing: counts.failing + fails });
    for (const [key, one] of new Map(faults.map((fault) => [JSON.stringify(fault), fault])))
      broken.set(key, brokenBy(one, (broken.get(key)?.records ?? 0) + 1));
  }
  return {
    type,
    records: envelopes.length,
    failing,
    versions: [...versions].map(([version, counts]) => ({ version, ...counts })).sort((a, b) => a.version - b.version),
    faults: [...broken.values()].sort((a, b) => b.records - a.records),
  };
}

const brokenBy = ({ code, pointer, rule }: FaultReport, records: number): Broken => ({
  code,
  pointer: pointer ?? '',
  ...(rule === undefined ? {} : { keyword: rule }),
  records,
});

function lines({ type, records, failing, versions, faults }: Report): string {
  const said = `${failing} of the last ${records} records of ${type} would fail.\n`;
  const byVersion = versions.map((one) => [String(one.version), String(one.records), String(one.failing)]);
  const byFault = faults.map((one) => [one.code, one.pointer, one.keyword ?? '', String(one.records)]);
  if (records === 0) return said;
  const table = asTable(['version', 'records', 'failing'], byVersion);
  return `${said}${table}${faults.length === 0 ? '' : asTable(['fault', 'where', 'keyword', 'records'], byFault)}`;
}
