/**
 * `npm run advisories`: asks the registry for known weaknesses of what the product is made of. Ends with 1 where one is critical. Where nobody
 * answers it says so and ends with 0, since a pipeline behind a wall must go on; with `--required` it ends with 2 then.
 */
import { parseArgs } from 'node:util';
import { execa } from 'execa';

const { values } = parseArgs({ options: { required: { type: 'boolean', default: false } } });
const args = ['audit', '--omit=dev', '--package-lock-only', '--json', '--fetch-retries=0', '--fetch-timeout=20000'];
const { stdout } = await execa('npm', args, { reject: false, stderr: 'ignore' }); // it ends with 1 for every weakness, and where nobody answers
const report = parsed(stdout);

if (report?.vulnerabilities === undefined) {
  console.log(`advisories: not asked, since the registry does not answer (${report?.message ?? 'npm audit printed no report'}).`);
  console.log('Run `npm run advisories -- --required` where it does, before each release.');
  process.exitCode = values.required ? 2 : 0;
} else {
  const found = Object.values(report.vulnerabilities);
  const critical = found.filter(({ severity }) => severity === 'critical');
  for (const { name, range, via } of critical) {
    const why = via.map((one) => (typeof one === 'string' ? `by ${one}` : `${one.title} ${one.url}`));
    console.log(`critical: ${name} ${range}: ${why.join('; ')}`);
  }
  console.log(`advisories: ${critical.length} critical, ${found.length - critical.length} others`);
  process.exitCode = critical.length === 0 ? 0 : 1;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // npm could not even be started: the same as no answer
  }
}
