import { sha256 } from '#canonical';
import { SchemaCache, schemaDigest } from './index.js';

const text = (n: number) =>
  JSON.stringify({
    properties: { id: {}, n: { const: n } },
    'x-khidi': { identifier: '/id', sequence: 'offset', classification: 'public', legalBasis: 'test', retention: 'P1Y' },
  });

describe('the cache of compiled schemas', () => {
  it('compiles each once, and lets go of the one not asked for longest', () => {
    const cache = new SchemaCache(2);
    let compiled = 0;
    const obtain = (n: number) =>
      cache.obtain(`${n}`, () => {
        compiled++;
        return { text: text(n), references: [] };
      });
    const first = obtain(1);
    expect(obtain(1)).toBe(first);
    obtain(2);
    obtain(1);
    obtain(3); // 2 makes room
    expect([compiled, cache.size]).toEqual([3, 2]);
    expect(obtain(1)).toBe(first);
    obtain(2);
    expect(compiled).toBe(4);
  });

  it('keeps refusals too', () => {
    const cache = new SchemaCache();
    const refused = cache.obtain('x', () => ({ text: '{', references: [] }));
    expect(refused.ok).toBe(false);
    expect(cache.obtain('x', () => ({ text: '', references: [] }))).toBe(refused);
  });
});

describe('the digest of a schema', () => {
  it('covers the bytes as registered and the digests of what it refers to, in order', () => {
    const [a, b] = [schemaDigest('{"a":1}'), schemaDigest('{"ბ":1}')];
    expect(a).toBe(`sha-256:${sha256(Buffer.from('{"a":1}')).toString('base64url')}`);
    const expected = sha256(Buffer.from('{}'), sha256(Buffer.from('{"a":1}')), sha256(Buffer.from('{"ბ":1}')));
    expect(schemaDigest('{}', [a, b])).toBe(`sha-256:${expected.toString('base64url')}`);
    expect(schemaDigest('{}', [b, a])).not.toBe(schemaDigest('{}', [a, b]));
    expect(schemaDigest('{ }')).not.toBe(schemaDigest('{}'));
  });
});
