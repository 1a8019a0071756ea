import { CliError } from './exit.js';
import { formatOf, queryOf } from './send-input.js';

describe('when the input is a file', () => {
  it('is told by the end of its name', () => {
    expect(['a.csv', 'a.CSV', 'a.json', 'a.ndjson', 'a.jsonl', '-'].map(formatOf)).toEqual([
      'csv',
      'csv',
      'json',
      'ndjson',
      'ndjson',
      'ndjson',
    ]);
  });
});

describe('when the lines are events', () => {
  it('needs no query', () => {
    expect(queryOf('ndjson', {})).toBe('');
    expect(queryOf('json', {})).toBe('');
  });
});

describe('when the lines are bare records', () => {
  it('names their type and schema', () => {
    expect(queryOf('ndjson', { type: 'address.locality', schema: '1' })).toBe('?type=address.locality&schema=1');
  });

  it.each([[{ type: 'address.locality' }], [{ schema: '1' }], [{ type: 'x', schema: '1' }], [{ type: 'a.b', schema: '01' }]])(
    'refuses %j',
    (flags) => {
      expect(() => queryOf('ndjson', flags)).toThrow(CliError);
    },
  );
});

describe('when the rows are CSV', () => {
  it('names the mapping and nothing else', () => {
    expect(queryOf('csv', { mapping: 'public-body-np' })).toBe('?mapping=public-body-np');
    expect(() => queryOf('csv', {})).toThrow(CliError);
    expect(() => queryOf('csv', { mapping: 'm', type: 'a.b' })).toThrow(CliError);
  });
});
