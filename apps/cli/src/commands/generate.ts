import { Command, Option } from 'commander';
import { CliError, EXIT } from '../exit.js';
import { note, write } from '../output.js';
import { type ReadSchema, readSchema, type SchemaChoice } from '../schema-files.js';
import { wholeNumber } from '../whole-number.js';

interface GenerateFlags extends SchemaChoice {
  readonly samples?: number;
  readonly seed: number;
  readonly types?: boolean;
}

/** A sample that the schema refuses is thrown away and another one tried, at most so often for each. */
const MOST_TRIES = 400;

/** `khidi schema generate`: sample records and TypeScript types of a schema. */
export function generateCommand(): Command {
  return new Command('generate')
    .description('make sample records, one a line, or TypeScript types; needs no instance')
    .argument('[file]', 'the schema; the same as --schema')
    .option('--type <record type>', 'the latest schema of the project, in schemas/')
    .option('--schema-version <major.minor>', 'with --type, this version')
    .option('--schema <file>', 'this schema; again for each schema that it refers to', (one: string, all: string[] = []) => [
      ...all,
      one,
    ])
    .option('--samples <n>', 'so many sample records (1 where nothing else is asked)', wholeNumber(1))
    .addOption(
      new Option('--seed <n>', 'other seeds give other samples, the same one always the same')
        .argParser(wholeNumber(0))
        .default(1),
    )
    .option('--types', 'a TypeScript declaration of the record')
    .addHelpText(
      'after',
      `
Every sample was judged by the schema before it is written, as \`khidi record validate\` would. Samples are invented: where a field
has examples, they come from there.

Example:
  $ khidi schema generate --type permit.movement --samples 3`,
    )
    .action(async (file: string | undefined, flags: GenerateFlags) => {
      const source = await readSchema(file === undefined ? flags : { ...flags, schema: [file, ...(flags.schema ?? [])] });
      if (flags.types === true) await write(await typesOf(source));
      if (flags.types !== true || flags.samples !== undefined) await samples(source, flags.samples ?? 1, flags.seed);
    });
}

async function samples({ text, references, judge }: ReadSchema, count: number, seed: number): Promise<void> {
  const { generateSync } = await import('json-schema-faker');
  const schema = JSON.parse(text) as Parameters<typeof generateSync>[0];
  const others = new Map(references.map((one) => [one.name, JSON.parse(one.text) as typeof schema]));
  const refResolver = (name: string) => others.get(name) ?? missing(name);
  let made = 0;
  for (let i = 0; made < count && i < count * MOST_TRIES; i++) {
    const options = {
      seed: (seed * 1_000_003 + i) % 0x7fff_ffff,
      refResolver,
      useExamplesValue: true,
      optionalsProbability: 0.5,
    };
    const line = JSON.stringify(generateSync(schema, options));
    if (judge(Buffer.from(line)).faults.length > 0) continue;
    made += 1;
    await write(`${line}\n`);
  }
  if (made < count) {
    note(`${made} of ${count} samples were found in ${count * MOST_TRIES} tries: give more fields of the schema examples.`);
    process.exitCode = EXIT.no;
  }
}

function missing(name: string): never {
  throw new CliError(EXIT.usage, `The schema refers to ${name}: name its file with --schema too.`);
}

async function typesOf({ text, references, name }: ReadSchema): Promise<string> {
  if (references.length > 0) throw new CliError(EXIT.usage, '--types is for one schema that refers to no other.');
  const { compile } = await import('json-schema-to-typescript');
  // Its own resolver would fetch whatever a $ref names, from files and from the network.
  const $refOptions = { resolve: { file: false, http: false }, dereference: { circular: true } } as const;
  const schema = JSON.parse(text) as Parameters<typeof compile>[0];
  return compile(schema, name, {
    bannerComment: '/* Made from the JSON Schema by `khidi schema generate --types`. */',
    $refOptions,
  });
}
