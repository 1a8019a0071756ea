import type { IncomingMessage } from 'node:http';
import { Command, Option } from 'commander';
import { FAULTS, type FaultCode } from '#faults';
import { type CallerFlags, callerOf } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { parse, reason, refuse } from '../fetch.js';
import { byteLines } from '../lines.js';
import { asTable, type Format, formatOption, note, write } from '../output.js';
import { post } from '../post.js';
import { Progress } from '../progress.js';
import { FORMATS, type InputFlags, openInput } from '../send-input.js';

interface SendFlags extends CallerFlags, InputFlags {
  readonly output: Format;
}

/** One line of what the adapter answers. */
interface Status {
  readonly line?: number;
  readonly index?: number;
  readonly id?: string;
  readonly status: number;
  readonly fault?: string;
  readonly detail?: string;
}

const LONGEST_LINE = 64 * 1024;
const SHOWN = 20;

/** `khidi send`: hands events, records or rows to an agency's adapter. */
export function sendCommand(): Command {
  return new Command('send')
    .description("hand events, records or rows to an agency's adapter")
    .argument('[file]', 'NDJSON, CSV or JSON; - or none reads NDJSON from standard input', '-')
    .requiredOption('--as <member or subsystem>', 'who sends, like GE/GOV/7001 or GE/GOV/7001/base-registry')
    .addOption(new Option('--format <format>', 'what the input is, where its name does not tell').choices(FORMATS))
    .option('--type <record type>', 'of bare records, like address.locality')
    .option('--schema <version>', 'of bare records, like 1')
    .option('--op <operation>', 'of bare records: created, updated or withdrawn')
    .option('--mapping <name>', 'of CSV: which mapping of the adapter')
    .option('--adapter <URL>', 'the adapter; without it that of the local instance')
    .option('--secret-file <file>', "the subsystem's secret; without it that of the local instance")
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
"Accepted" means that the record is safely on the road; "khidi outcomes" says what became of it. The same record may be sent again
at any time. -o json passes the adapter's answer on, one object a line.

Example:
  $ khidi send localities.ndjson --as GE/GOV/7001 --type address.locality --schema 1`,
    )
    .action(run);
}

async function run(file: string, flags: SendFlags): Promise<void> {
  const caller = await callerOf(flags);
  const input = await openInput(file, flags);
  const headers = { authorization: caller.authorization, 'content-type': input.contentType };
  const answer = await post(`${caller.url}/v1/events${input.query}`, headers, input.body);
  const { statusCode = 0 } = answer;
  if (statusCode !== 200 && statusCode !== 202 && statusCode !== 207)
    refuse('The adapter', statusCode, parse(await textOf(answer)));
  const refused: Status[] = [];
  const counts = { accepted: 0, refused: 0 };
  const progress = new Progress();
  for await (const status of statusesOf(answer)) {
    const accepted = status.status === 202;
    counts[accepted ? 'accepted' : 'refused'] += 1;
    if (!accepted && refused.length < SHOWN) refused.push(status);
    if (flags.output === 'json') await write(`${JSON.stringify(status)}\n`);
    progress.tell(() => `${counts.accepted} accepted, ${counts.refused} refused …`);
  }
  progress.end();
  const summary = `${caller.subsystem}: ${counts.accepted} accepted, ${counts.refused} refused.`;
  if (flags.output === 'json') note(summary);
  else await write(`${summary}\n${refused.length === 0 ? '' : table(refused)}`);
  if (counts.refused > 0 || counts.accepted === 0) process.exitCode = EXIT.no;
}

/** The statuses in an answer of any door: one event, a batch, or a stream of lines. */
async function* statusesOf(answer: IncomingMessage): AsyncGenerator<Status> {
  if (answer.statusCode === 200) {
    try {
      for await (const line of byteLines(answer, LONGEST_LINE)) yield JSON.parse(line.toString('utf8')) as Status;
    } catch (error) {
      throw new CliError(
        EXIT.unreachable,
        `The answer broke off (${reason(error)}): send all again, what arrived is recognised.`,
      );
    }
    return;
  }
  const body = JSON.parse(await textOf(answer)) as { id?: string; statuses?: readonly Status[] };
  yield* body.statuses ?? [{ ...(body.id === undefined ? {} : { id: body.id }), status: 202 }];
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function table(refused: readonly Status[]): string {
  return asTable(
    ['line', 'id', 'fault', 'what it means'],
    refused.map(({ line, index, id = '', fault = '', detail }) => [
      String(line ?? (index === undefined ? '' : index + 1)),
      id,
      fault,
      detail ?? (fault in FAULTS ? FAULTS[fault as FaultCode].title : ''),
    ]),
  );
}
