import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decide, type Fields, preparePolicy } from '#policy';
import type { MemberId, RecordType, SubsystemId } from '#record';
import { memoryStream } from '#testkit';
import { Classifications } from './classifications.js';
import { classify, strictest } from './classify.js';

const SPECIAL = { 'x-khidi-classification': 'special' };
const schema = (more: object) => ({ 'x-khidi': { classification: 'internal' }, ...more });
const files = readdirSync('schemas', { recursive: true, encoding: 'utf8' })
  .filter((file) => /^[a-z]+\/[a-z-]+\/\d+\.\d+\.json$/.test(file) && !file.startsWith('meta'))
  .sort();

describe('when a schema is classed', () => {
  it('names every classified place, through lists and references', () => {
    const classes = classify(
      schema({
        $defs: { name: { properties: { full: { 'x-khidi-classification': 'personal' } } } },
        properties: {
          'a/b': SPECIAL,
          name: { $ref: '#/$defs/name' },
          kin: { items: { allOf: [{ properties: { faith: SPECIAL } }] } },
        },
        $comment: SPECIAL,
      }),
    );
    expect(classes).toEqual({
      record: 'internal',
      fields: {
        '/properties/a~1b': 'special',
        '/properties/name/properties/full': 'personal',
        '/properties/kin/items/allOf/0/properties/faith': 'special',
      },
    });
  });

  it('takes the strictest word where it cannot look', () => {
    const loop = {
      $defs: { node: { properties: { below: { $ref: '#/$defs/node' } } } },
      properties: { tree: { $ref: '#/$defs/node' } },
    };
    expect(classify(schema(loop))?.fields).toEqual({ '/properties/tree/properties/below': 'special' });
    const strangers = ['other.schema', '#anchor', '#/$defs/none', '#/%'].map((ref) => ({ properties: { x: { $ref: ref } } }));
    for (const stranger of strangers) expect(classify(schema(stranger))?.fields).toEqual({ '/properties/x': 'special' });
  });

  it('says nothing of a schema that says nothing of itself', () => {
    for (const one of [{}, true, null, 'x', { 'x-khidi': { classification: 'secret' } }]) expect(classify(one)).toBeUndefined();
  });

  it('takes the strictest of all versions', () => {
    const versions = [
      { record: 'personal', fields: { '/properties/a': 'personal', '/properties/b': 'special' } },
      { record: 'internal', fields: { '/properties/a': 'special' } },
    ] as const;
    expect(strictest(versions)).toEqual({
      record: 'personal',
      fields: { '/properties/a': 'special', '/properties/b': 'special' },
    });
    expect(strictest([])).toBeUndefined();
  });
});

describe('when the schemas of this project are classed', () => {
  it.each(files)('%s can be decided on', (file) => {
    const classes = classify(JSON.parse(readFileSync(join('schemas', file), 'utf8')));
    if (classes === undefined) throw new Error('nothing is known of it');
    const [type, provider, consumer] = ['a.b' as RecordType, 'GE/GOV/7001' as MemberId, 'GE/GOV/7002/desk' as SubsystemId];
    const day = '2099-01-01T00:00:00Z';
    const terms = {
      ...{
        id: 'a',
        version: 1,
        provider,
        consumer,
        type,
        purpose: 'p',
        fields: 'record' as Fields,
        specialBasis: { text: 'act' },
      },
      ...{ quota: { records: 1, per: 'hour' as const }, from: day, until: '2100-01-01T00:00:00Z', origin: 'topic' as const },
      ...{ retention: 'P1Y', pseudonym: 'registry' as const, encryption: 'none' as const },
    };
    const policy = preparePolicy({
      version: '1',
      approved: [provider, 'GE/GOV/7002' as MemberId],
      purposes: [{ id: 'p', title: 'P', basis: { text: 'act' }, from: day }],
      agreements: [{ id: 'a', versions: [{ terms, accepted: { provider: day, consumer: day } }] }],
      classifications: { [type]: classes },
    });
    const decision = decide(
      policy,
      { consumer, provider, type, purpose: 'p', origin: 'topic' },
      Date.parse('2099-05-01T00:00:00Z'),
    );
    expect(decision).toMatchObject({ permitted: true });
  });
});

describe('when the registry changes a type', () => {
  const stored = (version: number, classification: string, deleted = false) => {
    const text = JSON.stringify(schema({ properties: { x: { 'x-khidi-classification': classification } } }));
    const value = {
      id: version,
      subject: 'a.b',
      version,
      schemaType: 'JSON',
      schema: text,
      references: [],
      digest: 'd',
      deleted,
      ts: 1,
    };
    return {
      topic: 'schemas',
      key: `["schema","a.b",${version}]`,
      value: Buffer.from(JSON.stringify(value)),
      headers: {},
      partition: 0,
    };
  };

  it('classes it by all versions in force, and by none where there is none', async () => {
    const stream = memoryStream({
      topics: [{ name: 'schemas', role: 'schemas', partitions: 1, config: {} }],
      messageMaxBytes: 1e6,
    });
    const table = stream.table('schemas');
    const known = new Classifications(table);
    await table.start();
    const then = async (...records: ReturnType<typeof stored>[]) => {
      stream.append(...records);
      await table.caughtUp();
      return known.current()['a.b']?.fields['/properties/x'];
    };
    expect(await then(stored(1, 'personal'), stored(2, 'special'))).toBe('special');
    expect(await then(stored(2, 'special', true))).toBe('personal');
    expect(await then({ ...stored(1, 'personal'), value: null as never })).toBeUndefined();
    expect(await then({ ...stored(3, 'internal'), value: Buffer.from('{') })).toBeUndefined();
  });
});
