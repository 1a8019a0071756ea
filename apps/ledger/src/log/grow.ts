import { bundlePath, encodeBundle, leafHash, newTiles, TILE_WIDTH, type TreeEdge, tilePath, tileWidth } from '#evidence';

/** Where a log ends: the right edge of its tree, and the entries of the bundle that is not full. */
export interface LogEnd {
  readonly edge: TreeEdge;
  readonly bundle: readonly Buffer[];
}

/** A log with more entries, and the files that it then has more than before. */
export interface Growth {
  readonly end: LogEnd;
  readonly size: number;
  readonly root: Buffer;
  /** Path below the log's folder, and content. */
  readonly files: readonly (readonly [path: string, content: Buffer])[];
}

/** What the log becomes with these entries. Nothing is written and `from` is not changed, so that it can be tried again. */
export function grow(from: LogEnd, entries: readonly Buffer[]): Growth {
  const edge = from.edge.copy();
  const full = new Map<string, Buffer>();
  for (const entry of entries) {
    edge.append(leafHash(entry), (level, index, hashes) => full.set(`${level}/${index}`, Buffer.concat(hashes)));
  }
  const tiles = newTiles(from.edge.size, edge.size).map((tile): [string, Buffer] => {
    const content = full.get(`${tile.level}/${tile.index}`) ?? Buffer.concat(edge.row(tile.level));
    return [tilePath(tile), content];
  });
  const firstBundle = Math.floor(from.edge.size / TILE_WIDTH);
  const open = [...from.bundle, ...entries];
  const bundles: [string, Buffer][] = [];
  while (open.length > 0) {
    const index = firstBundle + bundles.length;
    const width = tileWidth(0, index, edge.size);
    bundles.push([bundlePath(index, width), encodeBundle(open.slice(0, width))]);
    if (width < TILE_WIDTH) break;
    open.splice(0, width);
  }
  return {
    end: { edge, bundle: open },
    size: edge.size,
    root: edge.root(),
    files: entries.length === 0 ? [] : [...bundles, ...tiles],
  };
}
