import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { program } from './program.js';

const FOLDER = join('docs', 'runbooks');
const pages = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));
/** Every `npx khidi …` of a page, in blocks and in sentences. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/`npx khidi ([^`\n…]+)`|^\s*npx khidi (.+)$/gm)].map(
    ([, inline, line]) => (inline ?? line ?? '').split(/ [|>#] |\s+# /)[0] ?? '',
  );
const COMMANDS = pages.flatMap(({ name, text }) => commandsIn(text).map((command) => [name, command] as const));
/** Every other page of ours. */
const OTHERS = ['.', 'docs', 'examples', 'deploy', 'schemas']
  .flatMap((folder) => readdirSync(folder, { recursive: folder !== '.', encoding: 'utf8' }).map((name) => join(folder, name)))
  .concat(['apps', 'libs'].flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, 'README.md'))))
  .filter((file) => file.endsWith('.md') && !file.startsWith(FOLDER) && existsSync(file))
  .flatMap((file) => commandsIn(readFileSync(file, 'utf8')).map((command) => [file, command] as const));

/** What of a command line the CLI does not know; a person fills in what stands in angle brackets. */
function unknownIn(line: string): string[] {
  const words: readonly string[] = line.match(/"[^"]*"|\S+/g) ?? [];
  let command: Command = program();
  let depth = 0;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
    depth += 1;
  }
  const isWhole = command.commands.length === 0 || (depth > 0 && words.includes('--help'));
  const flags = words.slice(depth).filter((word) => word.startsWith('-') && word !== '-');
  const known = (flag: string) => flag === '--help' || command.options.some(({ long, short }) => long === flag || short === flag);
  return [...(isWhole ? [] : [`no such command: ${line}`]), ...flags.filter((flag) => !known(flag))];
}

describe('the other pages', () => {
  it.each(OTHERS)('%s names a command that there is: khidi %s', (_, line) => {
    expect(unknownIn(line)).toEqual([]);
  });

  it('are all looked at', () => {
    const files = new Set(OTHERS.map(([file]) => file));
    expect([...files]).toEqual(expect.arrayContaining(['README.md', 'docs/evidence.md', 'docs/keys.md']));
  });
});

describe('the runbooks', () => {
  it.each(COMMANDS)('%s names a command that there is: khidi %s', (_, line) => {
    expect(unknownIn(line)).toEqual([]);
  });

  it('would be told of one that there is not', () => {
    expect(unknownIn('keys list')).toHaveLength(1);
    expect(unknownIn('key list --everything')).toEqual(['--everything']);
    expect(COMMANDS.length).toBeGreaterThan(40);
  });

  it('lead only to pages that there are, and the first page names each of them', () => {
    for (const { name, text } of pages) {
      const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
      expect([name, links.filter((link) => !existsSync(join(FOLDER, link)))]).toEqual([name, []]);
    }
    const first = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    expect(pages.filter(({ name }) => name !== 'README.md' && !first.includes(`(${name})`))).toEqual([]);
  });

  it('are what doctor sends people to', () => {
    const code = readdirSync(join('apps', 'cli', 'src', 'doctor')).map((name) =>
      readFileSync(join('apps', 'cli', 'src', 'doctor', name), 'utf8'),
    );
    const named = code.join('\n').match(/docs\/[\w/-]+\.md(?:#\w+)?/g) ?? [];
    const alerts = readFileSync(join(FOLDER, 'alerts.md'), 'utf8').toLowerCase();
    for (const place of new Set(named)) {
      const [file = '', section] = place.split('#');
      expect([place, existsSync(file), section === undefined || alerts.includes(`## ${section}\n`)]).toEqual([place, true, true]);
    }
    expect(named.length).toBeGreaterThan(5);
  });
});
