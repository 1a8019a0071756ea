import { type Classified, pathOf, placeOf } from './fields.js';
import { decide, type Fields, preparePolicy } from './index.js';
import { AT, agreed, outcome, PERSON, REQUEST, source } from './policy.fixture.js';

/**
 * What becomes of asking (columns) for what is agreed (rows). P: permitted. O: outside the agreement. S: special category; with a
 * legal basis of its own it no longer stands in the way, and what is outside stays outside.
 */
const TABLE = `
  agreed         | (all) | /id | /birth | /birth/date | /health | /health/blood | /names | /names/0/text | /kin | /kin/0/faith | /kin/0/name | record
  record         |   S   |  P  |   P    |      P      |    S    |       S       |   P    |       P       |  S   |      S       |      P      |   S
  /id            |   P   |  P  |   O    |      O      |   OS    |      OS       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /birth         |   P   |  O  |   P    |      P      |   OS    |      OS       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /birth/date    |   P   |  O  |   O    |      P      |   OS    |      OS       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /birth/dat     |   P   |  O  |   O    |      O      |   OS    |      OS       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /id,/birth     |   P   |  P  |   P    |      P      |   OS    |      OS       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /names         |   P   |  O  |   O    |      O      |   OS    |      OS       |   P    |       P       |  OS  |      OS      |      O      |   OS
  /names/*/text  |   P   |  O  |   O    |      O      |   OS    |      OS       |   O    |       P       |  OS  |      OS      |      O      |   OS
  /names/1       |   P   |  O  |   O    |      O      |   OS    |      OS       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /health        |   S   |  O  |   O    |      O      |    S    |       S       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /health/blood  |   S   |  O  |   O    |      O      |   OS    |       S       |   O    |       O       |  OS  |      OS      |      O      |   OS
  /kin           |   S   |  O  |   O    |      O      |   OS    |      OS       |   O    |       O       |  S   |      S       |      P      |   OS
  /kin/*/name    |   P   |  O  |   O    |      O      |   OS    |      OS       |   O    |       O       |  OS  |      OS      |      P      |   OS
  /kin/0/faith   |   S   |  O  |   O    |      O      |   OS    |      OS       |   O    |       O       |  OS  |      S       |      O      |   OS
  /*             |   S   |  P  |   P    |      P      |    S    |       S       |   P    |       P       |  S   |      S       |      P      |   OS
`;
const FAULT: Readonly<Record<string, string>> = {
  P: 'permit',
  O: 'FIELD_OUTSIDE',
  S: 'SPECIAL_WITHOUT_BASIS',
  OS: 'FIELD_OUTSIDE SPECIAL_WITHOUT_BASIS',
};

const [head = [], ...lines] = TABLE.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));
const rows = lines.flatMap(([fields = '', ...cells]) =>
  cells.map((cell, i) => ({ fields, asked: head[i + 1] ?? '', cell, expected: FAULT[cell] ?? cell })),
);
const fieldsOf = (cell: string): Fields => (cell === 'record' ? cell : cell.split(','));

function ask(fields: string, asked: string, hasBasis: boolean): string {
  const basis = hasBasis ? { specialBasis: { text: 'Health act, section 9 (fictitious)' } } : {};
  const policy = preparePolicy(source([agreed({ fields: fieldsOf(fields), ...basis })]));
  return outcome(decide(policy, asked === '(all)' ? REQUEST : { ...REQUEST, fields: fieldsOf(asked) }, AT));
}

describe('when special fields have no legal basis of their own', () => {
  it.each(rows)('agreed $fields, asked $asked: $expected', ({ fields, asked, expected }) => {
    expect(ask(fields, asked, false)).toBe(expected);
  });
});

describe('when special fields have a legal basis of their own', () => {
  it.each(rows)('agreed $fields, asked $asked: $cell without S', ({ fields, asked, cell }) => {
    expect(ask(fields, asked, true)).toBe(FAULT[cell.replace('S', '') || 'P']);
  });
});

describe('when what is asked for is no list of pointers', () => {
  it.each<readonly [string, readonly string[]]>([
    ['an empty list', []],
    ['an empty pointer', ['']],
    ['a name without a slash', ['id']],
    ['the empty name', ['/']],
  ])('refuses %s', (_, fields) => {
    const policy = preparePolicy(source([agreed({ fields: ['/id'] })]));
    expect(outcome(decide(policy, { ...REQUEST, fields }, AT))).toContain('FIELD_OUTSIDE');
  });
});

describe('when classifications are missing or lead nowhere', () => {
  const classified = (record: string, fields: object) => ({ [PERSON]: { record, fields } as Classified });
  it.each([
    ['none for the type', {}],
    ['a pointer into $defs', classified('public', { '/$defs/x/properties/id': 'special' })],
    ['a pointer that ends in a keyword', classified('public', { '/properties': 'special' })],
    ['a class that is not known', classified('public', { '/properties/id': 'secret' })],
    ['a record class that is not known', classified('secret', {})],
  ])('refuses: %s', (_, classifications) => {
    const policy = preparePolicy(source([agreed()], { classifications }));
    expect(outcome(decide(policy, REQUEST, AT))).toBe('CLASSIFICATION_UNKNOWN');
    expect(outcome(decide(policy, { ...REQUEST, fields: ['/id'] }, AT))).toBe('CLASSIFICATION_UNKNOWN');
  });

  it('takes every field of a special record for special', () => {
    const policy = preparePolicy(source([agreed()], { classifications: classified('special', { '/properties/id': 'public' }) }));
    expect(outcome(decide(policy, { ...REQUEST, fields: ['/id'] }, AT))).toBe('SPECIAL_WITHOUT_BASIS');
  });
});

describe('when a pointer leads through a schema', () => {
  it.each([
    ['', []],
    ['/properties/a~1b', ['a~1b']],
    ['/properties/properties/properties/items', ['properties', 'items']],
    ['/properties/a/items/properties/b', ['a', '*', 'b']],
    ['/properties/a/prefixItems/1', ['a', '*']],
    ['/patternProperties/^x/then/properties/b', ['*', 'b']],
    ['/additionalProperties', ['*']],
    ['/dependentSchemas/a/properties/b', ['b']],
  ])('%s is the place %j of a record', (pointer, place) => {
    expect(placeOf(pointer)).toEqual(place);
    expect(pathOf('/a~0b/c')).toEqual(['a~0b', 'c']);
  });
});
