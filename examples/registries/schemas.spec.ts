import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '#canonical';
import type { FaultReport } from '#faults';
import { COUNTRIES, type CountryPack, SCHEMES } from '#identifiers';
import type { RecordType } from '#record';
import { type BaseRegistry, baseRegistries, type InvalidExample } from './base-registries.js';
import { inProject } from './project-root.js';
import { projectSchema, schemaFolder } from './project-schema.js';

/** What every record has around its content: where the entry was made, and what a country adds. */
const ENTRY = new Set(['register', 'extension']);
type Node = { readonly [keyword: string]: unknown };
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const REGISTRIES = baseRegistries();
/** The gazetteer of the demonstration; the others are those that a country begins with. */
const GAZETTEER = 'address.locality';
const base = REGISTRIES.filter(({ type }) => type !== GAZETTEER);
const textOf = (type: RecordType, file: string) => readFileSync(join(schemaFolder(type), file), 'utf8');
const nodeOf = (type: RecordType, version: string) => JSON.parse(textOf(type, `${version}.json`)) as Node;
const latestOf = ({ versions }: BaseRegistry) => versions.at(-1) ?? '';
const compiled = new Map(
  REGISTRIES.flatMap(({ type, versions }) => versions.map((version) => [`${type} ${version}`, projectSchema(type, version)])),
);
const judge = (type: RecordType, version: string, record: JsonValue): readonly FaultReport[] => {
  const schema = compiled.get(`${type} ${version}`);
  if (schema === undefined) throw new Error(`${type} has no ${version}`);
  return schema.judge(record);
};
const said = (faults: InvalidExample['expect'] | readonly FaultReport[]) =>
  faults.map(({ code = 'SCHEMA_VIOLATION', pointer, rule }) => `${code} ${pointer} ${rule}`).sort();
const sizes = (one: BaseRegistry) => ({
  versions: one.versions.length,
  valid: one.valid.size,
  since: [...one.since.values()].reduce((sum, { size }) => sum + size, 0),
  invalid: one.invalid.size,
});

it('the base registries are there, with their examples', () => {
  expect(base.map(({ type }) => type)).toEqual([
    'address.address',
    'business.legal-entity',
    'civil.birth',
    'civil.death',
    'organisation.public-body',
    'permit.movement',
    'population.person',
    'property.parcel',
    'vehicle.vehicle',
  ]);
  const lines = REGISTRIES.map((one) => {
    const { versions, valid, since, invalid } = sizes(one);
    return `${one.type}: ${versions} versions, ${valid} valid, ${since} valid since a later version, ${invalid} invalid`;
  });
  const total = REGISTRIES.map(sizes).reduce((sum, one) => ({
    versions: sum.versions + one.versions,
    valid: sum.valid + one.valid,
    since: sum.since + one.since,
    invalid: sum.invalid + one.invalid,
  }));
  process.stdout.write(`${lines.join('\n')}\nexample suites: ${JSON.stringify(total)}\n`);
  for (const one of base) {
    expect(sizes(one).versions).toBeGreaterThanOrEqual(2);
    expect(sizes(one).valid).toBeGreaterThanOrEqual(10);
    expect(sizes(one).since).toBeGreaterThanOrEqual(1);
    expect(sizes(one).invalid).toBeGreaterThanOrEqual(30);
  }
});

describe.each(REGISTRIES.map((one) => [one.type, one] as const))('%s', (type, one) => {
  it.each([...one.valid])('accepts %s in every version', (_, record) => {
    for (const version of one.versions) expect(said(judge(type, version, record))).toEqual([]);
    expect(compiled.get(`${type} ${latestOf(one)}`)?.identifierOf(record)).toEqual(expect.any(String));
  });

  it.each([...one.invalid])('refuses %s with exactly the faults that it names', (_, { record, expect: wanted }) => {
    expect(wanted).not.toEqual([]);
    expect(said(judge(type, latestOf(one), record))).toEqual(said(wanted));
    for (const version of one.versions) expect(judge(type, version, record)).not.toEqual([]);
  });

  it('accepts what a later version allows from that version on', () => {
    for (const [since, examples] of one.since)
      for (const [name, record] of examples)
        for (const [i, version] of one.versions.entries())
          expect([name, version, judge(type, version, record).length > 0]).toEqual([
            name,
            version,
            i < one.versions.indexOf(since),
          ]);
  });
});

/** Every schema below `properties`, with the pointer that leads to it. */
function* fieldsOf(schema: unknown, at = ''): Generator<readonly [string, Node]> {
  if (Array.isArray(schema)) {
    for (const [i, below] of schema.entries()) yield* fieldsOf(below, `${at}/${i}`);
    return;
  }
  if (!isNode(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const isCondition = ['if', 'then', 'else', 'examples', 'enum', 'const'].includes(keyword) || keyword.startsWith('x-');
    if (isCondition || (keyword === 'allOf' && at === '')) continue;
    if (keyword === 'properties' && isNode(value))
      for (const [name, field] of Object.entries(value)) if (isNode(field)) yield [`${at}/properties/${name}`, field];
    yield* fieldsOf(value, `${at}/${keyword}`);
  }
}

describe.each(base.flatMap((one) => one.versions.map((version) => [one.type, version, one] as const)))(
  'the schema of %s %s is documentation',
  (type, version, one) => {
    const schema = nodeOf(type, version);

    it('says of every field its title in English and Russian, and its classification', () => {
      const fields = [...fieldsOf(schema)];
      expect(fields.length).toBeGreaterThan(15);
      const silent = fields.filter(([, field]) => {
        const russian = (field['x-khidi-text'] as { ru?: { title?: string } } | undefined)?.ru?.title ?? '';
        return (
          typeof field.title !== 'string' ||
          !/\p{Script=Cyrillic}|^VIN$|^LEI$/u.test(russian) ||
          field['x-khidi-classification'] === undefined
        );
      });
      expect(silent.map(([pointer]) => pointer)).toEqual([]);
    });

    it('translates every description', () => {
      const told = [...fieldsOf(schema), ['', schema] as const].filter(([, field]) => typeof field.description === 'string');
      const mute = told.filter(
        ([, field]) => (field['x-khidi-text'] as { ru?: { description?: string } })?.ru?.description === undefined,
      );
      expect(mute.map(([pointer]) => pointer)).toEqual([]);
    });

    it('is closed at every level, and open at its extension point from the latest version on', () => {
      const open = [...fieldsOf(schema), ['', schema] as const].filter(
        ([pointer, field]) => 'properties' in field && field.additionalProperties !== false && !pointer.includes('/$defs/'),
      );
      expect(open.map(([pointer]) => pointer)).toEqual([]);
      if (version === latestOf(one)) expect(schema.properties).toHaveProperty('extension');
    });

    it('is classified as a whole as high as its most delicate field', () => {
      const levels = ['public', 'internal', 'personal', 'special'];
      const properties = Object.fromEntries(Object.entries(schema.properties as Node).filter(([name]) => !ENTRY.has(name)));
      const own = {
        properties,
        $defs: Object.fromEntries(Object.entries(schema.$defs as Node).filter(([name]) => !ENTRY.has(name))),
      };
      const highest = Math.max(...[...fieldsOf(own)].map(([, field]) => levels.indexOf(String(field['x-khidi-classification']))));
      expect(levels.indexOf((schema['x-khidi'] as { classification: string }).classification)).toBeGreaterThanOrEqual(highest);
    });

    it('has a CHANGELOG that tells of this version', () => {
      expect(textOf(type, 'CHANGELOG.md')).toContain(`## ${version}\n`);
    });
  },
);

describe('examples of persons', () => {
  it('are born in 2099 or later', () => {
    const all = base.flatMap((one) => [
      ...one.valid.values(),
      ...[...one.since.values()].flatMap((examples) => [...examples.values()]),
      ...[...one.invalid.values()].map(({ record }) => record),
    ]);
    const early: string[] = [];
    const visit = (value: unknown, name = ''): void => {
      if (isNode(value))
        for (const [key, below] of Object.entries(value)) visit(below, key === 'date' || key === 'born' ? `${name}/${key}` : key);
      else if (Array.isArray(value)) for (const below of value) visit(below, name);
      else if (
        typeof value === 'string' &&
        /^(birth\/date|deceased\/born|birthDate)$/.test(name) &&
        /^\d{4}/.test(value) &&
        value < '2099'
      )
        early.push(value);
    };
    for (const record of all) visit(record);
    expect(early).toEqual([]);
  });

  it('never have their values told', () => {
    for (const one of REGISTRIES)
      for (const { record } of one.invalid.values()) {
        const told = JSON.stringify(judge(one.type, latestOf(one), record));
        for (const canary of [
          'iban',
          'hour',
          'maiden',
          'Finland',
          'Mar1',
          '5551234',
          'diagnosis',
          'religion',
          '9999999',
          'EE-799',
        ])
          expect(told).not.toContain(canary);
      }
  });
});

describe('identifiers in schemas', () => {
  const schemesAt = (type: string, field: string, definition?: string) => {
    const { properties, $defs } = nodeOf(type as RecordType, '1.0') as Record<string, Record<string, Node>>;
    const node = definition === undefined ? properties?.[field] : $defs?.[definition];
    return node?.['x-khidi-identifier'];
  };
  const chosen = (bearer: 'person' | 'legal-person') =>
    Object.values<CountryPack>(COUNTRIES).flatMap(({ country, schemes }) => {
      const scheme = schemes[bearer];
      return scheme === undefined ? [] : [{ scheme, prefix: `${country}-` }];
    });

  it('are those that the country packs choose', () => {
    expect(schemesAt('population.person', 'id')).toEqual(chosen('person'));
    expect(schemesAt('business.legal-entity', 'id', 'entity')).toEqual(chosen('legal-person'));
    expect(schemesAt('civil.birth', '', 'person')).toEqual(chosen('person'));
  });

  it('are the schemes of the published vocabulary', () => {
    const vocabulary = JSON.parse(readFileSync(inProject('schemas', 'meta', 'vocabulary-1.0.json'), 'utf8')) as {
      $defs: { identifier: { properties: { scheme: { enum: string[] } } } };
    };
    expect(vocabulary.$defs.identifier.properties.scheme.enum.sort()).toEqual(Object.keys(SCHEMES).sort());
  });

  it('have a JSON-LD context beside every base registry', () => {
    for (const { type } of base) expect([type, existsSync(join(schemaFolder(type), 'context.jsonld'))]).toEqual([type, true]);
  });
});
