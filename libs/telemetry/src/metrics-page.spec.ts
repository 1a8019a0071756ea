import { readFileSync } from 'node:fs';
import { createMetrics } from './index.js';

const rows = async (): Promise<string[]> =>
  (await createMetrics('docs').declared()).map(({ name, type, labels, help }) => {
    const named = labels.length === 0 ? '' : labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${unitOf(name)} | ${named} | ${help}. |`;
  });

/** The unit is the end of the name, as Prometheus wants it. */
function unitOf(name: string): string {
  const [, unit] = /_(seconds|bytes|records|leaves)(?:_total)?$/.exec(name) ?? [];
  if (unit !== undefined) return unit;
  return name.endsWith('_total') ? 'count' : '';
}

describe('when an operator looks a metric up', () => {
  it('stands in docs/metrics.md word for word, and no other does', async () => {
    const page = readFileSync('docs/metrics.md', 'utf8').split('\n');
    expect(page.filter((line) => line.startsWith('| `khidi_'))).toEqual(await rows());
  });

  it('has a name by the rules: our prefix, and a counter ends in _total', async () => {
    for (const { name, type } of await createMetrics('docs').declared())
      expect([name, name.startsWith('khidi_'), name.endsWith('_total')]).toEqual([name, true, type === 'counter']);
  });
});
