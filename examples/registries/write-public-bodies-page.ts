import { readFileSync, writeFileSync } from 'node:fs';
import { inProject } from './project-root.js';
import { publicBodiesFile } from './public-bodies.js';
import { publicBodiesTables } from './public-bodies-count.js';

/*
 * Counts the registers anew and writes the tables into docs/public-bodies.md:
 *
 *   node dist/examples/registries/write-public-bodies-page.js            writes the page
 *   node dist/examples/registries/write-public-bodies-page.js --check    ends with 1 where the page says something else
 */
const PAGE = inProject('docs', 'public-bodies.md');

if (publicBodiesFile('ch') === undefined) {
  console.log('skipped: data/public-bodies is not in the shared folder (KHIDI_SHARED)');
} else {
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', , after = ''] = page.split(/<!-- (?:counted|end) -->/);
  const counted = `${before}<!-- counted -->\n\n${await publicBodiesTables()}\n\n<!-- end -->${after}`;
  if (!process.argv.includes('--check')) writeFileSync(PAGE, counted);
  else if (counted !== page) process.exitCode = 1;
  console.log(counted === page ? 'the page says what was counted' : 'the page said something else');
}
