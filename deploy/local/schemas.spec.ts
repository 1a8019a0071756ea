import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaFiles } from './schemas.js';

describe('the schemas of the project', () => {
  it('are registered in the order of their versions, not of their names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
    mkdirSync(join(folder, 'address', 'locality', 'examples'), { recursive: true });
    for (const name of ['1.10.json', '1.2.json', '2.0.json', 'notes.md'])
      writeFileSync(join(folder, 'address', 'locality', name), '{}');
    const found = schemaFiles(folder).map(({ subject, file }) => `${subject} ${file.slice(folder.length)}`);
    rmSync(folder, { recursive: true });
    expect(found).toEqual([
      'address.locality /address/locality/1.2.json',
      'address.locality /address/locality/1.10.json',
      'address.locality /address/locality/2.0.json',
    ]);
  });
});
