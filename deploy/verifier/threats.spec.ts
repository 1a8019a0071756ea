import { existsSync, readFileSync } from 'node:fs';
import { FAULTS } from '#faults';

const page = readFileSync('SECURITY.md', 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));

describe('when somebody reads the threat table', () => {
  it('names for each threat a test, or the page that shows it, and each of them exists', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const line of rows) {
      const cells = line.split(' | ');
      const shown = cells.at(-1) ?? '';
      const files = [...shown.matchAll(/`((?:apps|libs|test|deploy)\/[^`]+)`|\]\((docs\/[^)]+)\)/g)].map(
        ([, a, b]) => a ?? b ?? '',
      );
      expect({ line, files: files.length > 0, missing: files.filter((file) => !existsSync(file)) }).toEqual({
        line,
        files: true,
        missing: [],
      });
    }
  });

  it('names only faults that there are', () => {
    const codes = [...page.matchAll(/`((?:ENVELOPE|KEY|SEAL|ORIGIN)_[A-Z_]+)`/g)].map(([, code = '']) => code);
    expect(codes.filter((code) => !Object.hasOwn(FAULTS, code))).toEqual([]);
  });
});
