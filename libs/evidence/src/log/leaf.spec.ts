import { canonicalize, type JsonValue } from '#canonical';
import { decodeEvidence, decodeLeaf, type EvidenceEvent, encodeEvidence, encodeLeaf, type Leaf } from '../index.js';

const S256 = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
const RECORD: Leaf = { k: 'record', id: 'GE/GOV/0001|abc', s256: S256, t: 4_070_908_800, rd: `sha-256:${S256}`, type: 'a.b' };

describe('when a leaf is written', () => {
  it('is one line of canonical JSON', () => {
    for (const leaf of [RECORD, { k: 'rejection', id: 'x/0/1#0', s256: S256, t: 1, f: 'SCHEMA_VIOLATION' } as const])
      expect(encodeLeaf(leaf)).toEqual(canonicalize(leaf as unknown as JsonValue));
  });

  it('is read back', () => {
    expect(decodeLeaf(encodeLeaf(RECORD))).toEqual(RECORD);
  });

  it.each([
    ['an unknown member', `{"id":"a","k":"record","s256":"${S256}","t":1,"x":1}`],
    ['members in another order', `{"k":"record","id":"a","s256":"${S256}","t":1}`],
    ['an unknown kind', `{"id":"a","k":"other","s256":"${S256}","t":1}`],
    ['no digest', '{"id":"a","k":"record","s256":"abc","t":1}'],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(decodeLeaf(Buffer.from(text))).toBeUndefined();
  });
});

describe('when an evidence event is read', () => {
  const event: EvidenceEvent = {
    topic: 'sealed.address.locality',
    partition: 2,
    first: '10',
    last: '9007199254740993',
    leaf: 5,
    leaves: 3,
    size: 8,
    without: ['12'],
  };

  it('says what was written', () => {
    expect(decodeEvidence(encodeEvidence(event))).toEqual(event);
  });

  it.each([
    ['an offset that is a number', { ...event, first: 10 }],
    ['a negative leaf', { ...event, leaf: -1 }],
    ['no list', { ...event, without: undefined }],
    ['null', null],
  ])('is refused with %s', (_, value) => {
    expect(decodeEvidence(Buffer.from(JSON.stringify(value)))).toBeUndefined();
  });
});
