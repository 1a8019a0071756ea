import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { expand } from 'jsonld';
import { isJsonObject, type JsonObject, type JsonValue } from '#canonical';
import type { RecordType } from '#record';
import { baseRegistries } from '../../examples/registries/base-registries.js';
import { inProject } from '../../examples/registries/project-root.js';
import { schemaFolder } from '../../examples/registries/project-schema.js';

const REGISTRIES = baseRegistries().filter(({ type }) => type !== 'address.locality');
const read = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));

/** IRIs of SEMIC's Core Vocabularies (Person, Business, Location, Public Organisation) and what they build on. */
const SEMIC =
  /^http:\/\/(www\.w3\.org\/ns\/(person|locn|legal|org|adms)#|data\.europa\.eu\/m8g\/|xmlns\.com\/foaf\/0\.1\/|purl\.org\/dc\/terms\/|www\.w3\.org\/2004\/02\/skos\/core#)/;
/** What a context must give for its record type: these IRIs stand in the expansion of its examples. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'address.address': [
    'http://www.w3.org/ns/locn#fullAddress',
    'http://www.w3.org/ns/locn#thoroughfare',
    'http://www.w3.org/ns/locn#postCode',
  ],
  'business.legal-entity': [
    'http://www.w3.org/ns/legal#legalName',
    'http://www.w3.org/ns/legal#legalIdentifier',
    'http://data.europa.eu/m8g/registeredAddress',
  ],
  'civil.birth': [
    'http://data.europa.eu/m8g/birthDate',
    'http://www.w3.org/ns/person#placeOfBirth',
    'http://xmlns.com/foaf/0.1/familyName',
  ],
  'civil.death': [
    'http://data.europa.eu/m8g/deathDate',
    'http://www.w3.org/ns/person#placeOfDeath',
    'http://www.w3.org/ns/person#patronymicName',
  ],
  'organisation.public-body': ['http://www.w3.org/2004/02/skos/core#prefLabel', 'http://www.w3.org/ns/org#subOrganizationOf'],
  'permit.movement': ['http://data.europa.eu/m8g/isAbout', 'http://www.w3.org/ns/org#purpose'],
  'population.person': [
    'http://xmlns.com/foaf/0.1/givenName',
    'http://data.europa.eu/m8g/birthDate',
    'http://www.w3.org/ns/person#citizenship',
  ],
  'property.parcel': [
    'http://www.w3.org/ns/adms#identifier',
    'http://purl.org/dc/terms/rightsHolder',
    'http://www.w3.org/ns/locn#geometry',
  ],
  'vehicle.vehicle': ['http://schema.org/vehicleIdentificationNumber', 'http://purl.org/dc/terms/rightsHolder'],
};

async function expanded(type: RecordType, record: JsonValue): Promise<unknown> {
  const context = (read(schemaFolder(type), 'context.jsonld') as { '@context': unknown })['@context'];
  const documentLoader = () => Promise.reject(new Error('nothing is fetched'));
  return expand(record, { expandContext: context, documentLoader });
}

/** Every IRI that stands as a property in an expanded document. */
function* propertiesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const below of value) yield* propertiesIn(below);
  else if (typeof value === 'object' && value !== null && (value as { '@type'?: unknown })['@type'] !== '@json')
    for (const [name, below] of Object.entries(value)) {
      if (!name.startsWith('@')) yield name;
      yield* propertiesIn(below);
    }
}

/** How many members a record has that carry something: what the context leaves out is lost in the expansion. */
function membersOf(value: JsonValue, isLanguageMap = false): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, below) => sum + membersOf(below), 0);
  if (!isJsonObject(value) || isLanguageMap) return 0;
  return Object.entries(value).reduce(
    (sum, [name, below]) => sum + 1 + (name === 'extension' ? 0 : membersOf(below, isMap(below))),
    0,
  );
}

const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** A language map: each name the tag of a language, each value a text. */
const isMap = (value: JsonValue): boolean =>
  isJsonObject(value) &&
  Object.entries(value).every(
    ([name, text]) => /^[a-z]{2,3}(-[A-Z][a-z]+)?$/.test(name) && languages.of(name) !== undefined && typeof text === 'string',
  );

describe('the JSON-LD contexts', () => {
  it.each(REGISTRIES.map((one) => [one.type, one] as const))('map every member of %s', async (type, { valid, since }) => {
    const found = new Set<string>();
    for (const record of [...valid.values(), ...[...since.values()].flatMap((examples) => [...examples.values()])]) {
      const properties = [...propertiesIn(await expanded(type, record))];
      for (const iri of properties) found.add(iri);
      expect([record, properties.length]).toEqual([record, membersOf(record)]);
    }
    const semic = [...found].filter((iri) => SEMIC.test(iri));
    process.stdout.write(`${type}: ${found.size} properties, ${semic.length} of SEMIC's vocabularies\n`);
    expect([...found].filter((iri) => !/^(https?:|urn:khidi:term:)/.test(iri))).toEqual([]);
    expect(EXPECTED[type]?.filter((iri) => !found.has(iri))).toEqual([]);
  });

  it('keep the language of every name', async () => {
    const legal = REGISTRIES.find(({ type }) => type === 'business.legal-entity');
    const [record] = await (expanded(legal?.type as RecordType, legal?.valid.get('complete.json') ?? null) as Promise<
      JsonObject[]
    >);
    expect(record?.['http://www.w3.org/ns/legal#legalName']).toEqual([
      { '@language': 'en', '@value': 'Example LLP' },
      { '@language': 'kk', '@value': 'Үлгі ЖШС' },
      { '@language': 'ru', '@value': 'ТОО «Пример»' },
    ]);
  });
});

describe('the published meta-schema', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { duration: fullFormats.duration } });
  ajv.addMetaSchema(read(inProject('schemas', 'meta', 'vocabulary-1.0.json')) as object);
  const judge = ajv.compile(read(inProject('schemas', 'meta', 'record-type-1.0.json')) as object);

  it.each(REGISTRIES.flatMap(({ type, versions }) => versions.map((version) => [type, version] as const)))(
    'accepts %s %s',
    (type, version) => {
      judge(read(schemaFolder(type), `${version}.json`));
      expect(judge.errors ?? []).toEqual([]);
    },
  );

  it.each([
    { 'x-khidi-clasification': 'public' },
    { properties: { a: { 'x-khidi-classification': 'secret' } } },
    { $defs: { a: { items: { 'x-khidi-identifier': { scheme: 'xx' } } } } },
    { 'x-khidi-identifier': [] },
    { 'x-khidi-law': {} },
    { 'x-khidi-text': { russian: { title: 'x' } } },
    { 'x-khidi': { identifier: 'id' } },
    { type: 'nothing' },
  ])('refuses %j at any depth', (schema) => {
    expect(judge(schema)).toBe(false);
  });
});
