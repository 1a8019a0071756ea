import { readFileSync } from 'node:fs';
import { PROVOCATIONS } from './provoke.js';
import { alertsIn, shortenRules } from './shorten-rules.js';

const rules = readFileSync('deploy/prometheus/rules.yml', 'utf8');

describe('when the rules are shortened', () => {
  it('keeps every rule, and looks back over minutes no more', () => {
    const short = shortenRules(rules);
    expect(alertsIn(short)).toEqual(alertsIn(rules));
    expect(short.match(/\[\d+[mh]\]/g)).toBeNull();
    expect(new Set(short.match(/for: .+/g))).toEqual(new Set(['for: 1s']));
    expect(short).toContain('slo:burn:1h > 14.4');
  });

  it('does not go on with rules that say something else', () => {
    expect(() => shortenRules(rules.replaceAll('> 3600', '> 7200'))).toThrow('any more');
  });
});

describe('when alerts are provoked', () => {
  const named = PROVOCATIONS.flatMap(({ alerts }) => alerts);

  it('provokes every alert that there is, each once', () => {
    expect([...named].sort()).toEqual([...alertsIn(rules)].sort());
  });

  it('is what the runbook says of each', () => {
    const page = readFileSync('docs/runbooks/alerts.md', 'utf8');
    const rows = PROVOCATIONS.flatMap(({ alerts, what }) => alerts.map((name) => `| \`${name}\` | ${what} |`));
    expect(page.split('\n').filter((line) => line.startsWith('| `Khidi'))).toEqual(rows);
  });
});
