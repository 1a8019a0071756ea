import fc from 'fast-check';
import { headerText } from './header-text.js';

const exact = (bytes: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

describe('the text of a header', () => {
  it('is what its bytes say, whatever the records before said', () => {
    const text = fc.oneof(
      fc.constantFrom('a', 'ab', '\u00e9', '\u0000', ''),
      fc.string({ unit: 'binary' }),
      fc.string({ maxLength: 200 }),
    );
    const bytes = fc.oneof(
      text.map((one) => Buffer.from(one)),
      text.map((one) => Buffer.from(one, 'latin1')), // often no UTF-8
      fc.uint8Array({ maxLength: 4 }).map((one) => Buffer.from(one)),
    );
    fc.assert(
      fc.property(fc.array(bytes), (headers) => {
        for (const header of headers.flatMap((one) => [one, Buffer.from(one)]))
          expect(headerText('ce_id', header)).toBe(exact(header));
      }),
      { numRuns: 500 },
    );
  });

  it('is not that of bytes which only look like its letters', () => {
    expect(headerText('ce_source', Buffer.from('\u00e9'))).toBe('\u00e9');
    expect(headerText('ce_source', Buffer.from([0xe9]))).toBeUndefined();
  });
});
