import { readMapping } from './mapping.js';

const COLUMNS = [
  'id',
  'name',
  'abbreviation',
  'other_names',
  'description',
  'classification',
  'parent_id',
  'founding_date',
  'dissolution_date',
  'image',
  'url',
  'jurisdiction_code',
  'phone',
  'email',
  'address',
  'contact',
  'tags',
  'source_url',
];
const mapping = readMapping('public-bodies');
const map = (cells: Readonly<Record<string, string>>) =>
  mapping.apply({ ...Object.fromEntries(COLUMNS.map((column) => [column, ''])), jurisdiction_code: 'SE', ...cells });

describe('the mapping of public bodies', () => {
  it('leaves out what is empty', async () => {
    expect(await map({ id: 'se/x', name: ' ' })).toEqual({ id: 'se/x', jurisdiction: 'SE' });
  });

  it('takes away white space that means nothing', async () => {
    expect(await map({ name: ' A\u00a0 B\n', address: ' Μέγαρο Βουλής \n\n 100 21\u00a0 Αθήνα', parent_id: 'gr/x ' })).toEqual({
      name: 'A B',
      address: 'Μέγαρο Βουλής, 100 21 Αθήνα',
      parent: 'gr/x',
      jurisdiction: 'SE',
    });
  });

  it('gives each of several values in one cell a place of its own', async () => {
    expect(await map({ phone: '+ 977-1-4219166, 4211417; 4211421 / 9,', tags: 'Law & Regulation, Labour,Labour' })).toMatchObject(
      {
        telephones: ['+977-1-4219166', '4211417', '4211421', '9'],
        tags: ['Law & Regulation', 'Labour'],
      },
    );
    expect(await map({ phone: '010-5625299', tags: 'one two', jurisdiction_code: 'GB' })).toMatchObject({
      telephones: ['010-5625299'],
      tags: ['one', 'two'],
    });
  });

  it('reads a code that a spreadsheet made a number of, as text', async () => {
    expect(await map({ classification: '10.0' })).toMatchObject({ classification: '10' });
    expect(await map({ classification: '2.05' })).toMatchObject({ classification: '2.05' });
  });

  it('mends nothing that it would have to guess', async () => {
    const cells = { url: 'htt://x', parent_id: '1.0', email: 'nobody', phone: '98,528' };
    expect(await map(cells)).toMatchObject({ website: 'htt://x', parent: '1.0', email: 'nobody', telephones: ['98', '528'] });
  });
});
