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
  it('provokes alerts that there are, each once, or says why not; the run itself fails where one is left out', () => {
    const named = PROVOCATIONS.flatMap(({ alerts }) => alerts);
    expect(new Set(named).size).toBe(named.length);
    expect(named.filter((name) => !alertsIn(rules).includes(name))).toEqual([]);
  });
});
