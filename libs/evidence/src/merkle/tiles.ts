import { HASH_BYTES } from './hash.js';

/** Hashes in a full tile; a tile spans eight levels of the tree. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

/** One tile: `level` counts in tiles, `width` is 256 unless it is the last one of its level. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** How wide tile `index` of `level` is in a tree of `size` leaves; 0 where there is no such tile. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** The tiles that a tree of `size` leaves has and one of `from` leaves has not, or has narrower (tlog-tiles, "Partial Tiles"). */
export function newTiles(from: number, size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; size / TILE_WIDTH ** level >= 1; level += 1) {
    const before = Math.floor(from / TILE_WIDTH ** level);
    const after = Math.floor(size / TILE_WIDTH ** level);
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index += 1) {
      const width = tileWidth(level, index, size);
      if (index * TILE_WIDTH + width > before) tiles.push({ level, index, width });
    }
  }
  return tiles;
}

/** The path of a tile below the log's address: `tile/<level>/<index>[.p/<width>]`. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index)}${suffix(width)}`;
}

/** The path of a bundle of entries: `tile/entries/<index>[.p/<width>]`. */
export function bundlePath(index: number, width: number): string {
  return `tile/entries/${indexPath(index)}${suffix(width)}`;
}

const PATH = /^tile\/(entries|0|[1-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** What a path names: a tile, or a bundle where `level` is `entries`. Undefined where it is no path that tlog-tiles allows. */
export function readTilePath(path: string): { readonly level: number | 'entries'; index: number; width: number } | undefined {
  const [, level = '', digits = '', partial] = PATH.exec(path) ?? [];
  const index = Number(digits.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (level === '' || indexPath(index) !== digits || (partial !== undefined && width >= TILE_WIDTH)) return undefined;
  return { level: level === 'entries' ? level : Number(level), index, width };
}

/** The hashes of a tile's bytes. */
export function hashesOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** 1234067 is `x001/x234/067`, so that no folder holds more than a thousand names. */
function indexPath(index: number): string {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return groups.join('/');
}

const suffix = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`);
