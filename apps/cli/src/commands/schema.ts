import { Command } from 'commander';
import { operatorOf } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { askJson, type JsonAnswer, readInput } from '../fetch.js';
import { requireInstance, requireService, type Where } from '../local.js';
import { asJson, asTable, type Format, formatOption, write } from '../output.js';
import { generateCommand } from './generate.js';
import { schemaCheckCommand, schemaDiffCommand } from './schema-check.js';
import { schemaLintCommand } from './schema-lint.js';

interface RegistryFlags extends Where {
  readonly registry?: string;
  readonly output: Format;
}

interface RegisterFlags extends RegistryFlags {
  readonly subject: string;
  readonly secretFile?: string;
  readonly reference?: readonly string[];
}

/** One version of a subject as the registry tells it. */
interface Version {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
}

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

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
        .option('--secret-file <file>', "the operator's secret; without it that of the local instance")
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi schema register schemas/address/locality/1.0.json --subject address.locality',
        )
        .action(register),
    )
    .addCommand(generateCommand())
    .addCommand(
      registry('list')
        .description('list all subjects and their versions')
        .addHelpText('after', '\nExample:\n  $ khidi schema list')
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

function registry(name: string): Command {
  return new Command(name)
    .option('--registry <URL>', 'the schema registry; without it that of the local instance')
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption());
}

async function register(file: string, flags: RegisterFlags): Promise<void> {
  const body = {
    schemaType: 'JSON',
    schema: (await readInput(file)).toString('utf8'),
    references: (flags.reference ?? []).map(readReference),
  };
  const path = `/subjects/${encodeURIComponent(flags.subject)}/versions`;
  const headers = { authorization: await operatorOf(flags), 'content-type': MEDIA_TYPE };
  const { id } = (await ask(flags, path, { method: 'POST', headers, body: JSON.stringify(body) })) as { id: number };
  const [version] = await versionsWith(flags, flags.subject, id);
  const answer = { subject: flags.subject, version, id };
  await write(
    flags.output === 'json' ? asJson(answer) : `${flags.subject} version ${version ?? '?'} is registered (id ${id}).\n`,
  );
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

async function list(flags: RegistryFlags): Promise<void> {
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

async function ask(flags: RegistryFlags, path: string, init: RequestInit = {}): Promise<unknown> {
  const url = flags.registry ?? requireService(requireInstance(flags), 'schema-registry').url;
  const answer = await askJson(`${url.replace(/\/$/, '')}${path}`, init);
  if (answer.status !== 200 && answer.status !== 201) refuseRegistry(answer);
  return answer.body;
}

/** Confluent's errors are `{error_code, message}`. */
function refuseRegistry({ status, body }: JsonAnswer): never {
  const { error_code: code, message } = (body ?? {}) as { error_code?: number; message?: string };
  const sentence = message === undefined ? `The schema registry answers ${status}.` : `${message} (${code ?? status})`;
  throw new CliError(status === 503 ? EXIT.unreachable : EXIT.no, sentence);
}
