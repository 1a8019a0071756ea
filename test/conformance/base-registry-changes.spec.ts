import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, type Verdict } from '#compatibility';
import type { RecordType } from '#record';
import { baseRegistries } from '../../examples/registries/base-registries.js';
import { schemaFolder } from '../../examples/registries/project-schema.js';

const text = (type: RecordType, version: string) => readFileSync(join(schemaFolder(type), `${version}.json`), 'utf8');
const steps = baseRegistries().flatMap(({ type, versions }) =>
  versions.slice(1).map((candidate, i) => [type, versions[i] ?? '', candidate] as const),
);

/** What went wrong, if anything, in words that a failing test should show. */
function told(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'compatible':
      return 'compatible';
    case 'incompatible':
      return verdict.breaks.map(({ words, witness }) => `${words} ${witness}`).join('\n');
    case 'undecided':
      return verdict.undecided.map(({ code, reason }) => `${code}: ${reason}`).join('\n');
    default:
      return verdict satisfies never;
  }
}

describe('every later version of a base registry', () => {
  it.each(steps)('%s: what %s accepted is proved to be accepted by %s', (type, before, candidate) => {
    const earlier = [{ text: text(type, before) }];
    const verdict = compare({ candidate: { text: text(type, candidate) }, earlier, level: 'BACKWARD' });
    expect(told(verdict)).toBe('compatible');
    if (verdict.verdict === 'compatible') expect(verdict.argument.length).toBeGreaterThan(0);
  });

  it('is there for each of the nine', () => {
    expect(new Set(steps.map(([type]) => type)).size).toBe(9);
    expect(steps).toHaveLength(10);
  });
});

describe('the scheme of an identifier', () => {
  const schema = (keyword: object) =>
    JSON.stringify({ type: 'object', properties: { number: { type: 'string', 'x-khidi-identifier': keyword } } });
  const bare = JSON.stringify({ type: 'object', properties: { number: { type: 'string' } } });
  const verdictOf = (before: string, candidate: string) =>
    compare({ candidate: { text: candidate }, earlier: [{ text: before }], level: 'BACKWARD' });

  it('narrows a schema where it rejects, and a document shows it', () => {
    const verdict = verdictOf(bare, schema({ scheme: 'kz.iin' }));
    expect(verdict).toMatchObject({ verdict: 'incompatible', breaks: [{ instance: '/number', verifiedBy: 'validator' }] });
  });

  it.each<[string, string, string]>([
    ['is taken away', schema({ scheme: 'kz.iin' }), bare],
    ['only warns', bare, schema({ scheme: 'kz.iin', policy: 'warn' })],
    ['is off', bare, schema({ scheme: 'kz.iin', policy: 'off' })],
    ['stays', schema({ scheme: 'kz.iin' }), schema({ scheme: 'kz.iin' })],
    [
      'loses one of its prefixes',
      schema([
        { scheme: 'kz.iin', prefix: 'KZ-' },
        { scheme: 'lei', prefix: 'L-' },
      ]),
      schema({ scheme: 'lei', prefix: 'L-' }),
    ],
  ])('changes nothing for old documents where it %s', (_, before, candidate) => {
    expect(told(verdictOf(before, candidate))).toBe('compatible');
  });

  it('breaks where another scheme takes its place', () => {
    const verdict = verdictOf(schema({ scheme: 'kz.iin' }), schema({ scheme: 'ee.isikukood' }));
    expect(verdict).toMatchObject({ verdict: 'incompatible', breaks: [{ witness: '{"number":"991231500016"}' }] });
  });
});
