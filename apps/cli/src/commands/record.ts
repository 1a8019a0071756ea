import { Command } from 'commander';
import type { FaultReport } from '#faults';
import type { Judgement } from '#schema';
import { EXIT } from '../exit.js';
import { readInput } from '../fetch.js';
import { allOf } from '../lines.js';
import { note, write } from '../output.js';
import { readSchema, type SchemaChoice } from '../schema-files.js';

/** `khidi record`: judge documents as the road would. */
export function recordCommand(): Command {
  return new Command('record').description('judge records without sending them').addCommand(validateCommand());
}

function validateCommand(): Command {
  return new Command('validate')
    .description('judge documents exactly as the road does; needs no instance')
    .argument('<files...>', 'one document a file; - reads standard input')
    .option('--type <record type>', 'by the latest schema of the project, in schemas/')
    .option('--schema-version <major.minor>', 'with --type, by this version')
    .option('--schema <file>', 'by this schema; again for each schema that it refers to', collect)
    .option('--withdrawn', 'as withdrawals, which carry the identifier and nothing else')
    .addHelpText(
      'after',
      `
Writes one JSON verdict a line: file, valid, faults (code, pointer, keyword), and warnings where there are any. Never a value.
A referenced schema is known by its $id and by the name of its file. The status is 0 only if all are valid.

Example:
  $ khidi record validate --type population.person person.json`,
    )
    .action(validate);
}

const collect = (file: string, before: readonly string[] = []): string[] => [...before, file];

async function validate(files: readonly string[], choice: SchemaChoice): Promise<void> {
  const { judge } = await readSchema(choice);
  let invalid = 0;
  for (const file of files) {
    const judgement = judge(file === '-' ? await allOf(process.stdin) : await readInput(file));
    if (judgement.faults.length > 0) invalid += 1;
    await write(`${JSON.stringify(lineOf(file, judgement))}\n`);
  }
  note(`${files.length} judged: ${files.length - invalid} valid, ${invalid} not.`);
  if (invalid > 0) process.exitCode = EXIT.no;
}

function lineOf(file: string, { faults, warnings }: Judgement): object {
  return {
    file,
    valid: faults.length === 0,
    faults: faults.map(told),
    ...(warnings.length === 0 ? {} : { warnings: warnings.map(told) }),
  };
}

const told = ({ code, pointer, rule }: FaultReport) => ({
  code,
  pointer: pointer ?? '',
  ...(rule === undefined ? {} : { keyword: rule }),
});
