import { Command } from 'commander';
import type { Finding } from '#compatibility';
import { registryUserOf } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { readInput } from '../fetch.js';
import { asJson, asTable, note, write } from '../output.js';
import { askRegistry as ask, MEDIA_TYPE, type RegistryFlags, registryCommand as registry } from '../registry.js';
import { generateCommand } from './generate.js';
import { schemaCheckCommand, schemaDiffCommand } from './schema-check.js';
import { schemaLintCommand } from './schema-lint.js';
import { approveCommand, deprecateCommand, listDrafts, promoteCommand, reviewCommand } from './schema-review.js';

interface RegisterFlags extends RegistryFlags {
  readonly subject: string;
  readonly secretFile?: string;
  readonly as: string;
  readonly reference?: readonly string[];
}

/** One version of a subject as the registry tells it. */
interface Version {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
}

/** `khidi schema`: register, list and show schemas. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('check, register, list, show and try the schemas of record types')
    .addCommand(schemaLintCommand())
    .addCommand(schemaDiffCommand())
    .addCommand(schemaCheckCommand())
    .addCommand(
      registry('register')
        .description('register a JSON Schema as the next version of a record type')
        .argument('<file>', 'the schema')
        .requiredOption('--subject <record type>', 'like address.locality')
        .option('--reference <name=subject:version...>', 'a registered schema that this one refers to by name')
        .option('--as <user>', 'who registers', 'operator')
        .option('--secret-file <file>', "that user's secret; without it that of the local instance")
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi schema register schemas/address/locality/1.0.json --subject address.locality',
        )
        .action(register),
    )
    .addCommand(generateCommand())
    .addCommand(reviewCommand())
    .addCommand(approveCommand())
    .addCommand(promoteCommand())
    .addCommand(deprecateCommand())
    .addCommand(
      registry('list')
        .description('list all subjects and their versions, or the drafts that are under review')
        .option('--drafts', 'drafts instead of versions', false)
        .addHelpText('after', '\nExample:\n  $ khidi schema list --drafts')
        .action(list),
    )
    .addCommand(
      registry('show')
        .description('print a schema as it was registered')
        .argument('<subject>', 'like address.locality')
        .argument('[version]', 'a number or latest', 'latest')
        .addHelpText('after', '\nExample:\n  $ khidi schema show address.locality 1')
        .action(show),
    );
}

async function register(file: string, flags: RegisterFlags): Promise<void> {
  const body = {
    schemaType: 'JSON',
    schema: (await readInput(file)).toString('utf8'),
    references: (flags.reference ?? []).map(readReference),
  };
  const path = `/subjects/${encodeURIComponent(flags.subject)}/versions`;
  const headers = { authorization: await registryUserOf(flags, flags.as), 'content-type': MEDIA_TYPE };
  const { id, lint = [] } = (await ask(flags, path, { method: 'POST', headers, body: JSON.stringify(body) })) as {
    id: number;
    lint?: readonly Finding[];
  };
  const [version] = await versionsWith(flags, flags.subject, id);
  const answer = { subject: flags.subject, version, id, lint };
  await write(
    flags.output === 'json' ? asJson(answer) : `${flags.subject} version ${version ?? '?'} is registered (id ${id}).\n`,
  );
  if (flags.output !== 'json') for (const { severity, pointer, words } of lint) note(`${severity} ${file}${pointer}: ${words}`);
}

/** `name=subject:version`, as in Confluent's references. */
function readReference(text: string): { name: string; subject: string; version: number } {
  const parts = /^([^=]+)=([^=:]+):([1-9][0-9]*)$/.exec(text);
  if (parts === null) throw new CliError(EXIT.usage, `--reference ${text} is not like name=address.country:1.`);
  return { name: parts[1] ?? '', subject: parts[2] ?? '', version: Number(parts[3]) };
}

/** Which versions of a subject are this schema: a repeated registration gives the version that exists. */
async function versionsWith(flags: RegistryFlags, subject: string, id: number): Promise<number[]> {
  const versions = (await ask(flags, `/schemas/ids/${id}/versions`)) as { subject: string; version: number }[];
  return versions.filter((one) => one.subject === subject).map((one) => one.version);
}

async function list(flags: RegistryFlags & { readonly drafts: boolean }): Promise<void> {
  if (flags.drafts) return listDrafts(flags);
  const subjects = (await ask(flags, '/subjects')) as string[];
  const versions = (await Promise.all(
    subjects.map((subject) => ask(flags, `/subjects/${encodeURIComponent(subject)}/versions`)),
  )) as number[][];
  const found = subjects.map((subject, i) => ({ subject, versions: versions[i] ?? [] }));
  await write(
    flags.output === 'json'
      ? asJson(found)
      : asTable(
          ['subject', 'versions'],
          found.map((one) => [one.subject, one.versions.join(' ')]),
        ),
  );
  if (found.length === 0) process.exitCode = EXIT.no;
}

async function show(subject: string, version: string, flags: RegistryFlags): Promise<void> {
  const found = (await ask(flags, `/subjects/${encodeURIComponent(subject)}/versions/${encodeURIComponent(version)}`)) as Version;
  await write(flags.output === 'json' ? asJson(found) : `${found.schema.trimEnd()}\n`);
}
