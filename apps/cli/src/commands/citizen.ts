import { Command } from 'commander';
import { askDelivery, type DeliveryFlags, withDelivery } from '../delivery.js';
import { CliError, EXIT } from '../exit.js';
import { readInput } from '../fetch.js';
import { allOf } from '../lines.js';
import { asJson, asTable, type Format, note, write } from '../output.js';
import { wholeNumber } from '../whole-number.js';

interface UsageFlags extends DeliveryFlags {
  readonly type?: string;
  readonly identifierFile: string;
  readonly since?: string;
  readonly until?: string;
  readonly offset: number;
  readonly limit: number;
  readonly why?: string;
  readonly output: Format;
}
interface FoundUsage {
  readonly totalUsages: number;
  readonly usages: readonly {
    readonly logtime: string;
    readonly action: string;
    readonly receiverCode: string;
    readonly receiverName?: string;
    readonly receiverSystem: string;
  }[];
}

const MOST = 1000;

/** `khidi citizen`: who received the data of a person. */
export function citizenCommand(): Command {
  return new Command('citizen').description('answer a citizen who asks who received his or her data').addCommand(
    withDelivery(
      new Command('usage').description(
        'list the deliveries of records about a person, the newest first; that you asked is logged',
      ),
      'who asks',
    )
      .requiredOption('--identifier-file <file>', "file with the person's identifier as in the record; - for standard input")
      .option('--type <type>', 'only this record type; without it all that are about persons')
      .option('--since <time>', 'not before this time (RFC 3339)')
      .option('--until <time>', 'before this time (RFC 3339)')
      .option('--offset <n>', 'leave out the newest ones', wholeNumber(0), 0)
      .option('--limit <n>', `how many at most, ${MOST} in one answer`, wholeNumber(1), 100)
      .option('--why <reason>', 'what is kept in the evidence log beside your name')
      .addHelpText(
        'after',
        '\nThe identifier is read from a file, since arguments are seen by everybody on the machine.\n' +
          '\nExample:\n  $ khidi citizen usage --type population.person --identifier-file person.txt',
      )
      .action(usage),
  );
}

async function usage(flags: UsageFlags): Promise<void> {
  const { type, since, until, offset, limit, why, output } = flags;
  const file = flags.identifierFile;
  const userCode = (file === '-' ? await allOf(process.stdin) : await readInput(file)).toString('utf8').trim();
  if (userCode === '') throw new CliError(EXIT.usage, `${file} is empty.`);
  const asked = { userCode, type, periodStart: since, periodEnd: until, offset, limit: Math.min(limit, MOST), why };
  const found = (await askDelivery(flags, '/v2/findUsage', asked)) as FoundUsage;
  if (output === 'json') return write(asJson(found));
  const rows = found.usages.map(({ logtime, action, receiverCode, receiverName = '', receiverSystem }) => [
    ...[logtime, action, receiverCode, receiverName, receiverSystem],
  ]);
  await write(asTable(['time', 'why and what', 'who', 'name', 'system'], rows));
  note(`${found.usages.length} of ${found.totalUsages}.`);
}
