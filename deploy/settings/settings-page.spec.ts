import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from './all-settings.js';
import { settingRows } from './settings-page.js';

const PAGE = join('docs', 'settings.md');
const isRow = (line: string) => /^\| `[A-Z]/.test(line);

/** The page with the rows of its table taken from the code; what else it says stays. */
function withRows(page: string): string {
  const lines = page.split('\n');
  const head = lines.findIndex((line) => line.startsWith('|---'));
  return [...lines.slice(0, head + 1), ...settingRows(), ...lines.slice(head + 1).filter((line) => !isRow(line))].join('\n');
}

/** The variables that the code of services and libs names in a text of its own, without tests. */
function variablesInCode(): readonly string[] {
  const files = ['apps', 'libs'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(root, file)),
  );
  const named = files.flatMap((file) => readFileSync(file, 'utf8').match(/\b(?:KHIDI|KAFKA|REDIS)_[A-Z0-9_]*[A-Z0-9]\b/g) ?? []);
  return [...new Set(named)].sort();
}

describe('when an operator looks a setting up', () => {
  it('stands in docs/settings.md word for word, and no other does (UPDATE_PAGES=yes writes them)', () => {
    const page = readFileSync(PAGE, 'utf8');
    if (process.env.UPDATE_PAGES === 'yes') writeFileSync(PAGE, withRows(page));
    expect(readFileSync(PAGE, 'utf8').split('\n').filter(isRow)).toEqual(settingRows());
  });

  it('finds every variable that the code names, and no variable that it does not', () => {
    const page = readFileSync(PAGE, 'utf8');
    const told = [...new Set([...page.matchAll(/`((?:KHIDI|KAFKA|REDIS)_[A-Z0-9_]+)`/g)].map(([, name = '']) => name))];
    const code = variablesInCode();
    expect(told.filter((name) => !code.includes(name.replace(/_FILE$/, '')) && !code.includes(name))).toEqual([]);
    expect(code.filter((name) => !told.includes(name))).toEqual([]);
  });

  it('finds every service: an app without settings in the table is seen', () => {
    const apps = readdirSync('apps').filter((app) => app !== 'cli');
    expect(Object.keys(SERVICES).sort()).toEqual([...apps, 'witness', 'heartbeat'].sort());
  });

  it('reads of each what it is for and what it may be', () => {
    for (const row of settingRows()) expect(row).toMatch(/^\| `[^|]+ \| [^|]+ \| [^|]+ \| [A-Z][^|]+ \| [^|]+ \|$/);
  });
});
