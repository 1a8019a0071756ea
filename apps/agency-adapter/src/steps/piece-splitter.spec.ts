import fc from 'fast-check';
import { type Boundary, lineBoundary, rowBoundary } from './boundaries.js';
import { type Piece, PieceSplitter } from './piece-splitter.js';

function split(boundary: Boundary, limit: number, chunks: readonly Buffer[]): Piece[] {
  const splitter = new PieceSplitter(boundary, limit);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}
const texts = (pieces: readonly Piece[]) => pieces.map(({ line, bytes }) => [line, bytes?.toString()]);
const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = [];
  let from = 0;
  for (let i = 0; from < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1);
    chunks.push(bytes.subarray(from, from + size));
    from += size;
  }
  return chunks;
};

describe('when lines are split', () => {
  it('gives every line that is not empty with its number, whatever its line end', () => {
    const pieces = split(lineBoundary(), 100, [Buffer.from('a\r\n\nb\n\r\n'), Buffer.from('c')]);
    expect(texts(pieces)).toEqual([
      [1, 'a'],
      [3, 'b'],
      [5, 'c'],
    ]);
  });

  it('gives the same lines for every way the chunks can be cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 })), sizes, (lines, cuts) => {
        const bytes = Buffer.from(lines.join('\n'));
        expect(texts(split(lineBoundary(), 1000, cut(bytes, cuts)))).toEqual(texts(split(lineBoundary(), 1000, [bytes])));
      }),
    );
  });

  it('reports a line over the limit and goes on with the next', () => {
    const bytes = Buffer.from(`ok\n${'x'.repeat(11)}\n${'y'.repeat(10)}\nend`);
    for (const sizes of [[], [1], [3], [7]]) {
      expect(texts(split(lineBoundary(), 10, cut(bytes, sizes)))).toEqual([
        [1, 'ok'],
        [2, undefined],
        [3, 'y'.repeat(10)],
        [4, 'end'],
      ]);
    }
  });

  it('does not overwrite a line that was handed over', () => {
    const splitter = new PieceSplitter(lineBoundary(), 100);
    splitter.push(Buffer.from('fir'));
    const [first] = splitter.push(Buffer.from('st\nsec'));
    splitter.push(Buffer.from('ond\n'));
    expect(first?.bytes?.toString()).toBe('first');
  });
});

describe('when CSV rows are split', () => {
  it('keeps quoted line ends and doubled quotes inside a row and counts physical lines', () => {
    const csv = Buffer.from('id,name\n1,"two\nlines, ""quoted"""\r\n2,5" disk\n3,"x"\n');
    for (const sizes of [[], [1], [2], [5]]) {
      expect(texts(split(rowBoundary(','), 100, cut(csv, sizes)))).toEqual([
        [1, 'id,name'],
        [2, '1,"two\nlines, ""quoted"""'],
        [4, '2,5" disk'],
        [5, '3,"x"'],
      ]);
    }
  });

  it('reads a quoted first field after a byte order mark', () => {
    const pieces = split(rowBoundary(';'), 100, [Buffer.from('\ufeff"a\nb";c\nd;e')]);
    expect(pieces.map(({ line }) => line)).toEqual([1, 3]);
  });

  it('finds its way back after a quote that is never closed', () => {
    const csv = Buffer.from(`1,"open\n${'x'.repeat(30)}\n2,b\n3,c\n`);
    expect(texts(split(rowBoundary(','), 20, cut(csv, [8])))).toEqual([
      [1, undefined],
      [3, '2,b'],
      [4, '3,c'],
    ]);
  });
});
