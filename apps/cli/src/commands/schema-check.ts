import { Command, Option } from 'commander';
import { type Break, type Change, compareWithin, LEVELS, type Level, type Policy, type Verdict } from '#compatibility';
import { REFERENCE, readSchemas } from '../compared-files.js';
import { CliError, EXIT } from '../exit.js';
import { readBrokers } from '../kafka.js';
import { asJson, asTable, type Format, formatOption, write } from '../output.js';
import { wholeNumber } from '../whole-number.js';
import { checkTraffic, type TrafficFlags } from './schema-traffic.js';

interface Flags {
  readonly output: Format;
  readonly reference?: readonly string[];
  readonly policy: Policy;
}

interface CheckFlags extends Flags, TrafficFlags {
  readonly level: Level;
  readonly against?: 'traffic';
}

const policyOption = (): Option =>
  new Option('--policy <policy>', 'LENIENT lets changes of undeclared members pass and names the risk')
    .choices(['STRICT', 'LENIENT'])
    .default('STRICT');

/** `khidi schema check`: may the last file follow the others? Needs no registry. */
export function schemaCheckCommand(): Command {
  return new Command('check')
    .description('say whether a schema may follow earlier versions, with a proof or a document that breaks')
    .argument('<files...>', 'the earlier versions, oldest first, and the candidate last; the candidate alone with --against')
    .addOption(new Option('--level <level>', 'what is asked').choices([...LEVELS]).default('BACKWARD'))
    .addOption(policyOption())
    .option(...REFERENCE)
    .addOption(new Option('--against <what>', 'judge what was sealed last by the candidate').choices(['traffic']))
    .option('--type <record type>', 'with --against: whose records, like address.locality')
    .option('--last <n>', 'with --against: so many records', wholeNumber(1), 1000)
    .option('--brokers <list>', 'with --against: Kafka; without it that of the local instance', readBrokers)
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  $ khidi schema check --level FULL_TRANSITIVE 1.0.json 1.1.json candidate.json
  $ khidi schema check candidate.json --against traffic --type address.locality --last 5000

--against traffic tells how many of the records would fail, with fault codes and pointers; never a value.
Exit status: 0 compatible (no record fails), 1 incompatible or undecided (some fail, or there were none), 2 a file cannot be read.`,
    )
    .action(check);
}

/** `khidi schema diff`: what changed, and what that does to readers and writers. Needs no registry. */
export function schemaDiffCommand(): Command {
  return new Command('diff')
    .description('say what changed between two schemas, and whether that is safe for readers and for writers')
    .argument('<old>', 'the earlier version')
    .argument('<new>', 'the later version')
    .addOption(policyOption())
    .option(...REFERENCE)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Example:
  $ khidi schema diff schemas/address/locality/1.0.json candidate.json

Old documents: does the new version accept what the old one accepted? Old readers: does the old version accept what the new one does?
Exit status: 0 both are safe, 1 one of them breaks or is undecided, 2 a file cannot be read.`,
    )
    .action(diff);
}

async function check(files: readonly string[], flags: CheckFlags): Promise<void> {
  if (flags.against !== undefined) return checkTraffic(files, flags);
  if (files.length < 2) throw new CliError(EXIT.usage, 'Name at least one earlier version and the candidate.');
  const sources = await readSchemas(files, flags.reference);
  const candidate = sources.at(-1) ?? { text: '' };
  const verdict = await compareWithin({ candidate, earlier: sources.slice(0, -1), level: flags.level, policy: flags.policy });
  await write(flags.output === 'json' ? asJson(verdict) : lines(verdict, files).join('\n'));
  if (verdict.verdict !== 'compatible') process.exitCode = EXIT.no;
}

async function diff(old: string, next: string, flags: Flags): Promise<void> {
  const [earlier = { text: '' }, candidate = { text: '' }] = await readSchemas([old, next], flags.reference);
  const verdict = await compareWithin({ candidate, earlier: [earlier], level: 'FULL', policy: flags.policy });
  if (flags.output === 'json') await write(asJson(verdict));
  else await write(`${changeTable(changesOf(verdict))}\n${lines(verdict, [old, next], false).join('\n')}`);
  if (verdict.verdict !== 'compatible') process.exitCode = EXIT.no;
}

function changesOf(verdict: Verdict): readonly Change[] {
  return verdict.verdict === 'compatible' ? verdict.argument : verdict.changes;
}

function changeTable(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing that matters to a document changed.\n';
  return asTable(
    ['change', 'where', 'from', 'to', 'old documents', 'old readers'],
    changes.map(({ kind, pointer, from, to, backward, forward }) => [kind, pointer, from ?? '', to ?? '', backward, forward]),
  );
}

/** The verdict for people: what is shown by a document stands with it, what is argued with its rules. */
function lines(verdict: Verdict, files: readonly string[], withArgument = true): string[] {
  const told = [`${verdict.verdict}`];
  if (verdict.verdict === 'compatible') {
    if (withArgument) told.push(...verdict.argument.map(({ pointer, rule, words }) => `  ${pointer} (${rule}): ${words}`));
    told.push(...verdict.acceptedRisks.flatMap((risk) => ['  accepted risk:', ...breakLines(risk, files)]));
  }
  if (verdict.verdict === 'incompatible') told.push(...verdict.breaks.flatMap((one) => breakLines(one, files)));
  if (verdict.verdict !== 'compatible')
    told.push(
      ...verdict.undecided.map(({ direction, earlier, reason }) => `  ${direction} to ${files[earlier]}: undecided, ${reason}`),
    );
  return [...told, ''];
}

function breakLines(found: Break, files: readonly string[]): string[] {
  return [
    `  ${found.direction} to ${files[found.earlier]}: ${found.words}`,
    ...found.pointers.map(({ of, pointer }) => `    see ${of === 'candidate' ? files.at(-1) : files[found.earlier]}${pointer}`),
    ...(found.contentModel === undefined ? [] : [`    ${found.contentModel}`]),
  ];
}
