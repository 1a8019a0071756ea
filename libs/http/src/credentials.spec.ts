import { authenticate, checkSecret, hashSecret, newSecret, parseBasic, readCallers } from './credentials.js';

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('when a caller proves who it is', () => {
  const first = newSecret();
  const second = newSecret();
  const callers = readCallers({ registry: [first.hash, second.hash] }) ?? new Map();

  it('is accepted with either secret of a rotation', () => {
    expect(authenticate(basic('registry', first.secret), callers)).toBe('registry');
    expect(authenticate(basic('registry', second.secret), callers)).toBe('registry');
  });

  it.each([
    ['no header', undefined],
    ['another scheme', 'Bearer abc'],
    ['a wrong secret', basic('registry', newSecret().secret)],
    ['an unknown user', basic('somebody', first.secret)],
    ['the hash instead of the secret', basic('registry', first.hash)],
    ['an empty user', basic('', first.secret)],
    ['a property of every object', basic('__proto__', first.secret)],
  ])('is refused with %s', (_case, header) => {
    expect(authenticate(header, callers)).toBeUndefined();
  });
});

describe('when a person chose the secret', () => {
  it('is refused even where the hash fits', () => {
    expect(checkSecret('summer2099', hashSecret('summer2099'))).toBe(false);
  });
});

describe('when a callers file is malformed', () => {
  it('is refused whole', () => {
    expect(readCallers({ a: ['plain text'] })).toBeUndefined();
    expect(readCallers([])).toBeUndefined();
  });
});

describe('when a password contains colons', () => {
  it('keeps them', () => {
    expect(parseBasic(basic('u', 'a:b:c'))).toEqual({ user: 'u', password: 'a:b:c' });
  });
});
