import { readFileSync } from 'node:fs';
import type { JsonValue } from '#canonical';
import { COUNTRIES, type CountryName, countrySchema } from '#identifiers';
import { compileDocumentSchema } from './index.js';

const NAMES = Object.keys(COUNTRIES) as CountryName[];
const textOf = (name: CountryName) => readFileSync(`schemas/countries/${name}.json`, 'utf8');

/** A record type of a country, as its agency would write it. */
function judge(country: CountryName, record: JsonValue): string[] {
  const at = (name: string) => ({ $ref: `country.json#/$defs/${name}` });
  const { $defs } = JSON.parse(textOf(country)) as { $defs: Record<string, object> };
  const schema = { type: 'object', properties: Object.fromEntries(Object.keys($defs).map((name) => [name, at(name)])) };
  const result = compileDocumentSchema(JSON.stringify(schema), [{ name: 'country.json', text: textOf(country) }]);
  if (!result.ok) throw new Error(result.detail);
  return result.schema.judge(record).map(({ code, pointer, rule }) => `${pointer} ${code === 'SCHEMA_VIOLATION' ? rule : code}`);
}

describe('schemas/countries', () => {
  it.each(NAMES)('%s.json is what the country pack chooses', (name) => {
    expect(JSON.parse(textOf(name))).toEqual(countrySchema(name));
  });

  it.each(NAMES)('%s.json can be referred to by a record type of the country', (name) => {
    const { country, languages, formats } = COUNTRIES[name];
    const record = {
      country,
      language: languages[0],
      names: { [languages[0]]: 'A' },
      money: { amount: '1.50', currency: formats.currency },
      telephone: `${formats.callingCode}99999999`,
    };
    expect(judge(name, record)).toEqual([]);
    const other = {
      country: 'XX',
      language: 'xx',
      names: { xx: 'A' },
      money: { amount: '1.50', currency: 'XXX' },
      telephone: '+1',
    };
    expect(judge(name, other).sort()).toEqual([
      '/country const',
      '/language enum',
      '/money/currency const',
      '/names/* enum',
      '/names/* propertyNames',
      '/telephone pattern',
    ]);
  });

  it('judge identifiers by the schemes of the country', () => {
    expect(judge('kz', { person: '991231500016', entity: '991240000013' })).toEqual([]);
    expect(judge('kz', { person: '991231500017', entity: '991270000013' }).sort()).toEqual([
      '/entity IDENTIFIER_FORM',
      '/person IDENTIFIER_CHECK_DIGIT',
    ]);
    expect(judge('ge', { person: '99999999999', parcel: '99.01.10' })).toEqual(['/parcel IDENTIFIER_FORM']);
  });
});
