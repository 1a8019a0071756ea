import { inspect } from 'node:util';
import { flag, integer, list, oneOf, readSettings, secret, text } from './reader.js';

const spec = {
  brokers: list('B', 'brokers', { default: ['x:1'] }),
  port: integer('P', 'port', { min: 0, max: 10 }),
  on: flag('F', 'switch', { default: false }),
  level: oneOf('L', 'level', ['info', 'debug'], { default: 'info' }),
  name: text('N', 'name'),
  pass: secret('S', 'secret', { optional: true }),
};

describe('when every setting is right', () => {
  it('gives typed and frozen values', () => {
    const settings = readSettings(spec, { B: 'a:1, b:2', P: '7', F: 'yes', N: 'n', S: 'hidden' });
    expect({ ...settings, pass: undefined }).toEqual({
      brokers: ['a:1', 'b:2'],
      port: 7,
      on: true,
      level: 'info',
      name: 'n',
      pass: undefined,
    });
    expect(Object.isFrozen(settings)).toBe(true);
    expect(settings.pass?.reveal()).toBe('hidden');
  });

  it('prints no secret', () => {
    const settings = readSettings(spec, { P: '7', N: 'n', S: 'hidden' });
    expect(`${inspect(settings)}${JSON.stringify(settings)}${String(settings.pass)}`).not.toContain('hidden');
  });
});

describe('when several settings are wrong', () => {
  it('names all mistakes together and no value', () => {
    const read = () => readSettings(spec, { P: '11', F: 'maybe', L: 'loud' });
    expect(read).toThrow(/P is above 10.*F is neither.*L is none of.*N is missing/s);
    expect(read).not.toThrow(/maybe|loud/);
  });

  it('refuses a secret file that cannot be read', () => {
    expect(() => readSettings(spec, { P: '1', N: 'n', S_FILE: '/nowhere/at/all' })).toThrow(/S cannot be read/);
  });
});
