import { foldHashes } from './hash.js';
import { TILE_WIDTH } from './tiles.js';

/**
 * The right edge of a tree: at each level of tiles the hashes of the tile that is not full. It is all that appending needs, and
 * never holds more than 255 hashes a level.
 */
export class TreeEdge {
  private constructor(
    private readonly levels: Buffer[][],
    private leaves: number,
  ) {}

  static empty(): TreeEdge {
    return new TreeEdge([], 0);
  }

  get size(): number {
    return this.leaves;
  }

  /** A copy that can be appended to without changing this one. */
  copy(): TreeEdge {
    return new TreeEdge(
      this.levels.map((level) => [...level]),
      this.leaves,
    );
  }

  /** Appends a leaf by its hash. `onFull` gets the hashes of each tile that this makes full. */
  append(leaf: Buffer, onFull?: (level: number, index: number, hashes: readonly Buffer[]) => void): void {
    this.leaves += 1;
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      const row = this.row(level);
      row.push(hash);
      if (row.length < TILE_WIDTH) return;
      onFull?.(level, this.leaves / TILE_WIDTH ** (level + 1) - 1, row);
      hash = foldHashes(row);
      this.levels[level] = [];
    }
  }

  /** The hashes of the tile of this level that is not full; empty where there is none. */
  row(level: number): Buffer[] {
    while (this.levels.length <= level) this.levels.push([]);
    return this.levels[level] ?? [];
  }

  /** How many levels of tiles there are. */
  get height(): number {
    return this.levels.length;
  }

  /** The root of the tree as it is. */
  root(): Buffer {
    let rest: Buffer | undefined;
    for (const level of this.levels) {
      const row = rest === undefined ? level : [...level, rest];
      if (row.length > 0) rest = foldHashes(row);
    }
    return rest ?? foldHashes([]);
  }
}
