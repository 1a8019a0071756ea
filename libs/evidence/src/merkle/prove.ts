import { foldHashes, nodeHash } from './hash.js';
import { hashesOf, TILE_HEIGHT, TILE_WIDTH, type Tile, tileWidth } from './tiles.js';

/** Gives the bytes of a tile, or throws what keeps it from doing so. */
export type ReadTile = (tile: Tile) => Promise<Buffer>;

/**
 * The path from leaf `index` to the root of the tree of `size` leaves, from the bottom up (RFC 6962 section 2.1.1). Throws
 * RangeError where there is no such leaf.
 */
export async function inclusionProof(read: ReadTile, index: number, size: number): Promise<Buffer[]> {
  if (!(index >= 0 && index < size)) throw new RangeError('there is no such leaf');
  return path(readOnce(read), index, 0, size, size);
}

/** The proof that the tree of `size` leaves begins with the one of `old` leaves (RFC 6962 section 2.1.2). Throws RangeError. */
export async function consistencyProof(read: ReadTile, old: number, size: number): Promise<Buffer[]> {
  if (!(old >= 0 && old <= size)) throw new RangeError('there is no such tree');
  return old === 0 || old === size ? [] : subproof(readOnce(read), old, 0, size, size, true);
}

async function path(read: ReadTile, index: number, from: number, to: number, size: number): Promise<Buffer[]> {
  if (to - from === 1) return [];
  const middle = from + largestPowerBelow(to - from);
  return index < middle
    ? [...(await path(read, index, from, middle, size)), await hashOf(read, middle, to, size)]
    : [...(await path(read, index, middle, to, size)), await hashOf(read, from, middle, size)];
}

async function subproof(read: ReadTile, old: number, from: number, to: number, size: number, known: boolean): Promise<Buffer[]> {
  if (old === to) return known ? [] : [await hashOf(read, from, to, size)];
  const middle = from + largestPowerBelow(to - from);
  return old <= middle
    ? [...(await subproof(read, old, from, middle, size, known)), await hashOf(read, middle, to, size)]
    : [...(await subproof(read, old, middle, to, size, false)), await hashOf(read, from, middle, size)];
}

/** The hash over the leaves from `from` up to `to`: from one tile where they fill a subtree, otherwise from both halves. */
async function hashOf(read: ReadTile, from: number, to: number, size: number): Promise<Buffer> {
  const leaves = to - from;
  const below = largestPowerBelow(leaves);
  if (below * 2 !== leaves && leaves !== 1) {
    return nodeHash(await hashOf(read, from, from + below, size), await hashOf(read, from + below, to, size));
  }
  const level = Math.floor(Math.log2(leaves) / TILE_HEIGHT);
  const first = from / TILE_WIDTH ** level;
  const index = Math.floor(first / TILE_WIDTH);
  const hashes = hashesOf(await read({ level, index, width: tileWidth(level, index, size) }));
  const at = first % TILE_WIDTH;
  return Buffer.from(foldHashes(hashes.slice(at, at + leaves / TILE_WIDTH ** level)));
}

/** The largest power of two below `n`; 0 for a single leaf. */
function largestPowerBelow(n: number): number {
  if (n <= 1) return 0;
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function readOnce(read: ReadTile): ReadTile {
  const known = new Map<string, Promise<Buffer>>();
  return (tile) => {
    const name = `${tile.level}/${tile.index}`;
    const found = known.get(name) ?? read(tile);
    known.set(name, found);
    return found;
  };
}
