import { createHash } from 'node:crypto';
import { contentsNamedIn, contentUrn, contentUrnOf, digestIn, readContentReference } from './index.js';

const digest = createHash('sha256').update('a plan').digest();
const dataref = contentUrnOf(digest);
const reference = { dataref, size: 6, mediaType: 'application/pdf' };

describe('when bytes are named by what they are', () => {
  it('keeps their digest', () => {
    expect(contentUrn(dataref)).toBe(dataref);
    expect(digestIn(dataref)).toEqual(digest);
  });

  it.each([
    '',
    'https://example.org/plan.pdf',
    dataref.replace('sha-256', 'sha-1'),
    `${dataref}/../../etc/passwd`,
    `urn:khidi:content:sha-256:${'../'.repeat(14)}a`,
    `${dataref.slice(0, -1)}${String.fromCharCode(dataref.charCodeAt(dataref.length - 1) + 1)}`, // spare bits set
    `${dataref}\n`,
  ])('is none of ours where it has another form: %j', (text) => {
    expect(contentUrn(text)).toBeUndefined();
  });
});

describe('when a record names contents', () => {
  it('finds them wherever they stand, and says which are malformed', () => {
    const record = {
      id: '1',
      documents: [{ content: reference }, { content: { ...reference, size: 0 } }],
      other: { dataref: 'x' },
    };
    expect(contentsNamedIn(record)).toEqual([
      { path: ['documents', '0', 'content'], reference },
      { path: ['documents', '1', 'content'] },
    ]);
  });

  it.each([
    { ...reference, size: 1.5 },
    { ...reference, size: '6' },
    { ...reference, mediaType: 'text/html; charset=utf-8' },
    { ...reference, mediaType: 'Text/HTML' },
    { ...reference, url: 'http://169.254.169.254/' },
    { dataref, size: 6 },
    [dataref, 6, 'application/pdf'],
    null,
  ])('takes no reference with anything else in it: %j', (value) => {
    expect(readContentReference(value)).toBeUndefined();
  });
});
