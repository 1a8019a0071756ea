import { Readable } from 'node:stream';
import { Command } from 'commander';
import { CONTENT_TYPE, recordType } from '#record';
import { type CallerFlags, callerOf } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { parse, readInput, refuse } from '../fetch.js';
import { allOf } from '../lines.js';
import { asJson, note, write } from '../output.js';
import { post } from '../post.js';

interface AskFlags extends CallerFlags {
  readonly identifierFile?: string;
  readonly purpose?: string;
  readonly case?: string;
  readonly questionFile?: string;
  readonly wait?: string;
  readonly envelope?: boolean;
}

/** `khidi ask`: asks the owner of a registry about one record, and writes the verified answer. */
export function askCommand(): Command {
  return new Command('ask')
    .description('ask the owner of a registry about one record, and get the verified answer')
    .argument('<record type>', 'what is asked for, like population.person')
    .requiredOption('--as <member or subsystem>', 'who asks, like GE/GOV/7002 or GE/GOV/7002/base-registry')
    .option(
      '--identifier-file <file>',
      'a file with the identifier of the record, which then stands in no list of processes; - for standard input',
    )
    .option('--purpose <id>', 'what for: the id of a purpose in the register')
    .option('--case <number>', 'the number of the file for which it is asked')
    .option('--question-file <file>', 'the whole question as JSON instead; with its id it may be asked again')
    .option('--wait <seconds>', 'how long to wait for the answer; without it as the adapter is set')
    .option('--envelope', 'write the envelope alone, for "khidi verify"')
    .option('--adapter <URL>', 'the adapter; without it that of the local instance')
    .option('--secret-file <file>', "the subsystem's secret; without it that of the local instance")
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addHelpText(
      'after',
      `
The question and its answer are sealed, logged and delivered as any record. What comes too late is among the deliveries, and at the
address that is written.

Example:
  $ khidi ask population.person --as GE/GOV/7002 --identifier-file person.txt --purpose residence-check`,
    )
    .action(run);
}

async function run(type: string, flags: AskFlags): Promise<void> {
  if (recordType(type) === undefined) throw new CliError(EXIT.usage, 'The record type is like population.person.');
  if (flags.wait !== undefined && !/^[1-9][0-9]?$/.test(flags.wait))
    throw new CliError(EXIT.usage, '--wait is a number of seconds.');
  const question = await questionOf(flags);
  const caller = await callerOf(flags);
  const query = flags.wait === undefined ? '' : `?wait=${flags.wait}`;
  const accept = flags.envelope === true ? CONTENT_TYPE.envelope : 'application/json';
  const headers = { authorization: caller.authorization, 'content-type': 'application/json', accept };
  const answer = await post(`${caller.url}/v1/questions/${type}${query}`, headers, Readable.from([question]));
  const text = (await allOf(answer)).toString('utf8');
  const { statusCode = 0 } = answer;
  if (statusCode !== 200) {
    const { 'khidi-question': id, location } = answer.headers;
    if (location !== undefined) note(`Question ${String(id)} is on the road; its answer will be at ${location}`);
    refuse('The adapter', statusCode, parse(text));
  }
  await write(flags.envelope === true ? `${text}\n` : asJson(JSON.parse(text)));
}

async function questionOf({ identifierFile, purpose, case: file, questionFile }: AskFlags): Promise<Buffer> {
  if (questionFile !== undefined) {
    if (identifierFile !== undefined || purpose !== undefined || file !== undefined)
      throw new CliError(EXIT.usage, '--question-file holds all of the question: leave out the other options.');
    return readText(questionFile);
  }
  if (identifierFile === undefined || purpose === undefined)
    throw new CliError(EXIT.usage, 'A question needs --identifier-file and --purpose, or --question-file.');
  const identifier = (await readText(identifierFile)).toString('utf8').trim();
  return Buffer.from(JSON.stringify({ identifier, purpose, ...(file === undefined ? {} : { case: file }) }));
}

const readText = (file: string): Promise<Buffer> => (file === '-' ? allOf(process.stdin) : readInput(file));
