import { readFileSync, writeFileSync } from 'node:fs';
import { inProject } from './project-root.js';
import { publicBodiesFile } from './public-bodies.js';
import { publicBodiesTables } from './public-bodies-count.js';

// Counts the registers anew and writes the tables into docs/public-bodies.md: node dist/examples/registries/write-public-bodies-page.js
const PAGE = inProject('docs', 'public-bodies.md');

if (publicBodiesFile('ch') === undefined) {
  console.log('skipped: data/public-bodies is not in the shared folder (KHIDI_SHARED)');
} else {
  const [before = '', , after = ''] = readFileSync(PAGE, 'utf8').split(/<!-- (?:counted|end) -->/);
  writeFileSync(PAGE, `${before}<!-- counted -->\n\n${await publicBodiesTables()}\n\n<!-- end -->${after}`);
  console.log(`${PAGE} is up to date`);
}
