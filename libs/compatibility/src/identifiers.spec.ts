import { compare } from './index.js';

const verdict = (earlier: object, candidate: object): string =>
  compare({ candidate: { text: JSON.stringify(candidate) }, earlier: [{ text: JSON.stringify(earlier) }], level: 'BACKWARD' })
    .verdict;
const asks = (...rules: object[]): object => ({ type: 'string', 'x-khidi-identifier': rules });
const enforced = { scheme: 'kz.iin', policy: 'enforce' };

describe('when the rule of an identifier changes', () => {
  it('breaks where it is enforced anew, for another scheme or more strictly', () => {
    expect(verdict({ type: 'string' }, asks(enforced))).toBe('incompatible');
    expect(verdict(asks({ scheme: 'kz.iin', policy: 'warn' }), asks(enforced))).toBe('incompatible');
    expect(verdict(asks(enforced), asks({ scheme: 'ee.isikukood', policy: 'enforce' }))).toBe('incompatible');
    expect(verdict(asks({ ...enforced, prefix: 'KZ' }), asks(enforced))).toBe('incompatible');
  });

  it('is safe where it asks no more than before', () => {
    expect(verdict(asks(enforced), { type: 'string' })).toBe('compatible');
    expect(verdict(asks(enforced), asks({ scheme: 'kz.iin' }))).toBe('compatible');
    expect(verdict(asks(enforced), asks({ scheme: 'kz.iin', policy: 'warn' }))).toBe('compatible');
    expect(verdict(asks({ ...enforced, prefix: 'A' }, { ...enforced, prefix: 'B' }), asks({ ...enforced, prefix: 'B' }))).toBe(
      'compatible',
    );
  });
});
