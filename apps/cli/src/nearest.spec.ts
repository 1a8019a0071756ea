import { nearest } from './nearest.js';

const CODES = ['JSON_EMPTY', 'JSON_SYNTAX', 'SCHEMA_UNKNOWN', 'SCHEMA_VIOLATION', 'SEEN_CONFLICT'];

describe('when a word was mistyped', () => {
  it('finds the one that was meant', () => {
    expect(nearest('JSON_SYNTAXX', CODES)).toEqual(['JSON_SYNTAX']);
    expect(nearest('schema-violaton', CODES)[0]).toBe('SCHEMA_VIOLATION');
  });

  it('finds all that contain a part', () => {
    expect(nearest('schema', CODES)).toEqual(['SCHEMA_UNKNOWN', 'SCHEMA_VIOLATION']);
  });

  it('offers nothing for something else', () => {
    expect(nearest('HELLO_WORLD_AND_MORE', CODES)).toEqual([]);
  });
});
