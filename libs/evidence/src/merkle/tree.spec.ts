import { createHash } from 'node:crypto';
import {
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  newTiles,
  TILE_WIDTH,
  type Tile,
  TreeEdge,
  tileWidth,
  verifyConsistency,
  verifyInclusion,
} from '../index.js';

const entry = (i: number): Buffer => Buffer.from(`entry ${i}`);

/** RFC 6962 section 2.1 word for word: slow, and written without anything of the code under test. */
function mth(leaves: readonly Buffer[]): Buffer {
  const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.from([0]), leaves[0] ?? Buffer.alloc(0));
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.from([1]), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

/** A log of `size` entries with all its tiles, full and partial, and its roots at some sizes. */
function logOf(size: number, rootsAt: readonly number[]) {
  const edge = TreeEdge.empty();
  const full = new Map<string, Buffer>();
  const wanted = new Set(rootsAt);
  const roots: Buffer[] = [edge.root()];
  for (let i = 0; i < size; i += 1) {
    edge.append(leafHash(entry(i)), (level, index, hashes) => full.set(`${level}/${index}`, Buffer.concat(hashes)));
    if (wanted.has(i + 1)) roots[i + 1] = edge.root();
  }
  const read = async ({ level, index, width }: Tile): Promise<Buffer> =>
    (full.get(`${level}/${index}`) ?? Buffer.concat(edge.row(level))).subarray(0, width * 32);
  return { edge, roots, read, full };
}

describe('when a tree grows', () => {
  it('has the root that RFC 6962 defines, at every size', () => {
    const sizes = [0, 1, 2, 3, 5, 8, 255, 256, 257, 300, 511, 512, 513, 530];
    const { roots } = logOf(530, sizes);
    const leaves = Array.from({ length: 530 }, (_, i) => entry(i));
    for (const size of sizes) expect(roots[size]).toEqual(mth(leaves.slice(0, size)));
    expect(roots[0]).toEqual(EMPTY_ROOT);
  });

  it('leaves a copy of its edge as it was', () => {
    const { edge, roots } = logOf(300, [300]);
    edge.copy().append(leafHash(entry(300)));
    expect(edge.root()).toEqual(roots[300]);
    expect(edge.size).toBe(300);
  });
});

describe('when a proof is made from tiles', () => {
  const size = 70_000;
  const needed = [1, 2, 255, 256, 257, 12_345, 65_536, 65_537, 66_000, size].flatMap((n) => [n - 1, n]);
  const { roots, read } = logOf(size, needed);

  it('shows that a leaf is in a tree', async () => {
    for (const [index, tree] of [
      [0, 1],
      [0, size],
      [255, 256],
      [256, 257],
      [65_535, size],
      [size - 1, size],
      [12_345, 66_000],
    ] as const) {
      const proof = await inclusionProof(read, index, tree);
      expect(verifyInclusion(leafHash(entry(index)), index, tree, proof, roots[tree]!)).toBe(true);
      expect(verifyInclusion(leafHash(entry(index + 1)), index, tree, proof, roots[tree]!)).toBe(false);
    }
  });

  it('shows that a tree begins with an older one', async () => {
    for (const [old, tree] of [
      [1, 2],
      [255, 257],
      [256, size],
      [65_536, size],
      [12_345, 65_537],
      [size, size],
    ] as const) {
      const proof = await consistencyProof(read, old, tree);
      expect(verifyConsistency(old, tree, proof, roots[old]!, roots[tree]!)).toBe(true);
      expect(verifyConsistency(old, tree, proof, roots[old - 1]!, roots[tree]!)).toBe(false);
    }
  });

  it('is refused for a leaf or a tree that is not there', async () => {
    await expect(inclusionProof(read, 5, 5)).rejects.toThrow(RangeError);
    await expect(consistencyProof(read, 6, 5)).rejects.toThrow(RangeError);
  });
});

describe('when tiles are counted', () => {
  it('a tree of 70,000 has the tiles that tlog-tiles names', () => {
    const tiles = newTiles(0, 70_000);
    const of = (level: number) => tiles.filter((tile) => tile.level === level);
    expect(of(0).filter(({ width }) => width === TILE_WIDTH)).toHaveLength(273);
    expect(of(0).at(-1)).toEqual({ level: 0, index: 273, width: 112 });
    expect(of(1).map(({ width }) => width)).toEqual([256, 17]);
    expect(of(2)).toEqual([{ level: 2, index: 0, width: 1 }]);
    expect(tileWidth(2, 0, 70_000)).toBe(1);
  });

  it('growing writes what changed and nothing else', () => {
    expect(newTiles(255, 256)).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect(newTiles(256, 258)).toEqual([{ level: 0, index: 1, width: 2 }]);
    expect(newTiles(300, 300)).toEqual([]);
  });
});
