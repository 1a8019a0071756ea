import { Command } from 'commander';
import type { Purpose } from '#policy';
import { askDirectory, type DirectoryFlags, officer, readConfigurationOf, withDirectory } from '../directory.js';
import { asJson, asTable, type Format, write } from '../output.js';

interface ListFlags extends DirectoryFlags {
  readonly output: Format;
}
interface AddFlags extends ListFlags {
  readonly as: string;
  readonly secretFile?: string;
  readonly title: string;
  readonly basis: string;
  readonly eli?: string;
  readonly from: string;
  readonly until?: string;
  readonly why: string;
}

/** `khidi purpose`: why data may be given at all, each with its law. */
export function purposeCommand(): Command {
  return new Command('purpose')
    .description('list the purposes and their legal bases, and add one')
    .addCommand(
      options('list', 'list all purposes, as the signed configuration has them')
        .addHelpText('after', '\nExample:\n  $ khidi purpose list')
        .action(list),
    )
    .addCommand(
      options('add', 'add a purpose; what it says can never be changed')
        .argument('<id>', 'a-z, 0-9 and -')
        .requiredOption('--title <text>', 'what it is')
        .requiredOption('--basis <text>', 'the law and the place in it')
        .option('--eli <URI>', 'its European Legislation Identifier, where it has one')
        .requiredOption('--from <time>', 'since when it holds, like 2026-01-01T00:00:00Z')
        .option('--until <time>', 'the first instant at which it holds no more')
        .requiredOption('--why <reason>', 'what is kept with the decision for ever')
        .option('--as <officer>', 'who decides', 'officer-1')
        .option('--secret-file <file>', "the officer's secret; without it that of the local instance")
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi purpose add pension --title "Granting pensions" --basis "Pension act, section 4" ' +
            '--from 2026-01-01T00:00:00Z --why "adopted"',
        )
        .action(add),
    );
}

const options = (name: string, description: string): Command => withDirectory(new Command(name).description(description));

async function list(flags: ListFlags): Promise<void> {
  const { purposes } = (await readConfigurationOf(flags)).configuration;
  const rows = purposes.map(({ id, title, basis, from, until }) => [id, title, basis.text, basis.eli ?? '', from, until ?? '']);
  const head = ['purpose', 'title', 'basis', 'eli', 'from', 'until'];
  await write(flags.output === 'json' ? asJson(purposes) : asTable(head, rows));
}

async function add(id: string, flags: AddFlags): Promise<void> {
  const { title, from, until, why, eli } = flags;
  const basis = { text: flags.basis, ...(eli === undefined ? {} : { eli }) };
  const body = { id, title, basis, from, why, ...(until === undefined ? {} : { until }) };
  const purpose = (await askDirectory(flags, '/v1/purposes', body, await officer(flags, flags.as))) as Purpose;
  await write(flags.output === 'json' ? asJson(purpose) : `${purpose.id} is in the register.\n`);
}
