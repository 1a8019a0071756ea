import { Slabs } from './slabs.js';

const KIB = 1024;
const memoryOf = (buffer: Buffer): ArrayBufferLike => buffer.buffer;

describe('when the memory of transactions is used again', () => {
  it('gives pieces that do not touch each other, also of two at once', () => {
    const [one, two] = [new Slabs(), new Slabs()];
    const pieces = [1, 300, 400, 400, 0, 500].flatMap((size) => [one.take(size * KIB), two.take(size * KIB)]);
    for (const [i, piece] of pieces.entries()) piece.fill(i);
    expect(pieces.map((piece, i) => piece.every((byte) => byte === i))).toEqual(pieces.map(() => true));
  });

  it('gives to another what was given back, and to nobody else what was not', () => {
    const [ended, failed] = [new Slabs(), new Slabs()];
    const back = memoryOf(ended.take(KIB));
    const kept = memoryOf(failed.take(KIB));
    ended.giveBack();
    ended.giveBack();
    const later = Array.from({ length: 20 }, () => memoryOf(new Slabs().take(KIB)));
    expect(later.filter((memory) => memory === back)).toHaveLength(1);
    expect(later).not.toContain(kept);
  });

  it('gives what is large memory of its own, and keeps no more than a few chunks need', () => {
    const large = new Slabs();
    const own = memoryOf(large.take(600 * KIB));
    expect(own.byteLength).toBe(600 * KIB);
    const many = new Slabs();
    const given = Array.from({ length: 40 }, () => memoryOf(many.take(500 * KIB)));
    many.giveBack();
    large.giveBack();
    const later = Array.from({ length: 40 }, () => memoryOf(new Slabs().take(KIB)));
    expect(later).not.toContain(own);
    expect(later.filter((memory) => given.includes(memory))).toHaveLength(8);
  });
});
