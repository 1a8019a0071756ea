import { Command } from 'commander';
import type { FaultReport } from '#faults';
import { OUTCOME_KINDS, type Outcome } from '#record';
import { type CallerFlags, callerOf } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { askJson, refuse } from '../fetch.js';
import { asTable, type Format, formatOption, note, write } from '../output.js';

interface OutcomesFlags extends CallerFlags {
  readonly output: Format;
  readonly kind?: string;
  readonly after?: string;
  readonly max: string;
}

interface Page {
  readonly outcomes: readonly (Outcome & { readonly cursor: string })[];
  readonly next: string;
  readonly more: boolean;
}

const PAGE = 1000;

/** `khidi outcomes`: what became of a subsystem's records, oldest first. */
export function outcomesCommand(): Command {
  return new Command('outcomes')
    .description('read what became of the records that a subsystem sent, oldest first')
    .requiredOption('--as <member or subsystem>', 'who sent them, like GE/GOV/7001')
    .option('--kind <kinds>', `only these, separated by commas: ${OUTCOME_KINDS.join(', ')}`)
    .option('--after <cursor>', 'go on after an outcome read before')
    .option('--max <n>', 'at most so many', '100')
    .option('--adapter <URL>', 'the adapter; without it that of the local instance')
    .option('--secret-file <file>', "the subsystem's secret; without it that of the local instance")
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
-o json writes one outcome a line, each with the cursor to go on after it. The status is 1 where there is none.

Example:
  $ khidi outcomes --as GE/GOV/7001 --kind rejected`,
    )
    .action(run);
}

async function run(flags: OutcomesFlags): Promise<void> {
  const caller = await callerOf(flags);
  const max = Number(flags.max);
  if (!Number.isSafeInteger(max) || max < 1) throw new CliError(EXIT.usage, '--max is a number from 1.');
  const found: Page['outcomes'][number][] = [];
  let after = flags.after;
  for (let more = true; more && found.length < max; ) {
    const query = new URLSearchParams({
      limit: String(Math.min(PAGE, max - found.length)),
      ...(flags.kind === undefined ? {} : { kind: flags.kind }),
      ...(after === undefined ? {} : { after }),
    });
    const { status, body } = await askJson(`${caller.url}/v1/outcomes?${query}`, {
      headers: { authorization: caller.authorization },
    });
    if (status !== 200) refuse('The adapter', status, body);
    const page = body as Page;
    found.push(...page.outcomes);
    after = page.next;
    more = page.more;
  }
  await write(flags.output === 'json' ? found.map((one) => `${JSON.stringify(one)}\n`).join('') : table(found));
  note(`${found.length} outcomes.`);
  if (found.length === 0) process.exitCode = EXIT.no;
}

function table(outcomes: readonly Outcome[]): string {
  return asTable(
    ['at', 'kind', 'id', 'ingress', 'why'],
    outcomes.map(({ at, kind, id = '', ingress, faults = [], warnings = [] }) => [
      at,
      kind,
      id,
      ingress,
      [...faults.map(fault), ...warnings.map((one) => `warning: ${fault(one)}`)].join('; '),
    ]),
  );
}

const fault = ({ code, pointer = '', rule }: FaultReport) => `${code} ${pointer}${rule === undefined ? '' : ` (${rule})`}`.trim();
