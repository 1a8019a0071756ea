import { Command } from 'commander';
import { Comparer, type Finding } from '#compatibility';
import { REFERENCE, readSchemas } from '../compared-files.js';
import { EXIT } from '../exit.js';
import { asJson, asTable, type Format, formatOption, write } from '../output.js';

interface Flags {
  readonly output: Format;
  readonly reference?: readonly string[];
  readonly strict?: boolean;
}

/** `khidi schema lint`: what an author should look at in a schema. Needs no registry. */
export function schemaLintCommand(): Command {
  return new Command('lint')
    .description('look a schema over: what cannot be used, what is likely a mistake, what is good to know')
    .argument('<files...>', 'schemas')
    .option('--strict', 'warnings count as errors')
    .option(...REFERENCE)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Example:
  $ khidi schema lint schemas/address/locality/1.0.json

Exit status: 0 no errors, 1 errors (with --strict also warnings), 2 a file cannot be read.`,
    )
    .action(lintFiles);
}

async function lintFiles(files: readonly string[], flags: Flags): Promise<void> {
  const sources = await readSchemas(files, flags.reference);
  const comparer = new Comparer();
  const found: (Finding & { readonly file: string })[] = [];
  for (const [i, source] of sources.entries())
    found.push(...(await comparer.lint(source)).map((finding) => ({ file: files[i] ?? '', ...finding })));
  await comparer.close();
  await write(flags.output === 'json' ? asJson(found) : tableOf(found));
  const isBad = ({ severity }: Finding): boolean => severity === 'error' || (flags.strict === true && severity === 'warning');
  if (found.some(isBad)) process.exitCode = EXIT.no;
}

function tableOf(found: readonly (Finding & { readonly file: string })[]): string {
  if (found.length === 0) return 'Nothing to say.\n';
  return asTable(
    ['severity', 'rule', 'where', 'what'],
    found.map(({ severity, rule, file, pointer, words }) => [severity, rule, `${file}${pointer}`, words]),
  );
}
