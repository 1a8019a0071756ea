import { readFileSync } from 'node:fs';
import { COUNTRIES, type CountryPack, SCHEMES, type Scheme, type SchemeName, whatHolds } from './index.js';

const policyOf = (rule: Scheme['hasForm'] | undefined): string =>
  rule === undefined ? '–' : rule.warnsAtMost === true ? 'warn, never more' : rule.policy;

const schemes = Object.entries<Scheme>(SCHEMES).map(
  ([name, scheme]) =>
    `| \`${name}\` | ${scheme.names.en} | ${scheme.form} | ${scheme.parts ?? '–'} | ${scheme.check} | ${policyOf(scheme.hasForm)} / ${policyOf(scheme.hasParts)} / ${policyOf(scheme.hasCheckDigit)} | ${whatHolds(name as SchemeName)} | ${scheme.source} |`,
);
const packs = Object.entries<CountryPack>(COUNTRIES).map(
  ([name, { names, schemes: chosen, languages, formats }]) =>
    `| \`${name}\` | ${names.en} | ${Object.values(chosen)
      .map((scheme) => `\`${scheme}\``)
      .join(' ')} | ${languages.join(' ')} | ${formats.currency} | ${formats.callingCode} |`,
);

describe('docs/identifiers.md', () => {
  it('has every scheme and every country pack word for word, and no other', () => {
    const rows = readFileSync('docs/identifiers.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows).toEqual([...schemes, ...packs]);
  });
});
