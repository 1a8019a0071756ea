import type { SchemaSource } from '#compatibility';
import { CliError, EXIT } from './exit.js';
import { readInput } from './fetch.js';

/** The option that the commands on schema files share. */
export const REFERENCE: readonly [flags: string, description: string] = [
  '--reference <name=file...>',
  'a schema that these refer to by name',
];

/** Reads schema files with the schemas that they refer to. Ends the command with `usage` where one cannot be read. */
export async function readSchemas(
  files: readonly string[],
  named: readonly string[] = [],
): Promise<(SchemaSource & Pick<Required<SchemaSource>, 'references'>)[]> {
  const references = await Promise.all(named.map(readReference));
  return Promise.all(files.map(async (file) => ({ text: await textOf(file), references })));
}

async function readReference(text: string): Promise<{ name: string; text: string }> {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new CliError(EXIT.usage, `--reference ${text} is not like address.country=country.json.`);
  return { name: text.slice(0, at), text: await textOf(text.slice(at + 1)) };
}

async function textOf(file: string): Promise<string> {
  return (await readInput(file)).toString('utf8');
}
