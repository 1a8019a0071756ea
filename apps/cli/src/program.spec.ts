import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { program } from './program.js';

const leaves = (command: Command, path: string): (readonly [string, Command])[] =>
  command.commands.length === 0 ? [[path, command]] : command.commands.flatMap((one) => leaves(one, `${path} ${one.name()}`));

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

describe('every command', () => {
  it.each(leaves(program(), 'khidi'))('%s shows an example in its help', (path, command) => {
    expect(helpOf(command).split(/^Examples?:$/m)[1]).toContain(path);
  });

  it('is named by the page of the cli', () => {
    const page = readFileSync(join('apps', 'cli', 'README.md'), 'utf8');
    expect(
      program()
        .commands.filter((one) => !new RegExp(`\`${one.name()}[ \`]`).test(page))
        .map((one) => one.name()),
    ).toEqual([]);
  });
});
