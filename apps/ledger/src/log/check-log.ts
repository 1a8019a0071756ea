import { type Checkpoint, decodeBundle, leafHash, TILE_WIDTH, TreeEdge, tileWidth } from '#evidence';
import { FaultError } from '#faults';
import type { LogEnd } from './grow.js';
import type { LogFiles } from './log-files.js';

/** Told of the entries as they are read, from the first one on. */
export type OnEntries = (first: number, entries: readonly Buffer[]) => Promise<void> | void;

/**
 * Reads all entries up to the checkpoint's size, hashes them again and compares every tile and the root with what the files say.
 * Gives the end of the log, from which it can grow. Throws LOG_DIFFERS where anything is missing or not as it was.
 */
export async function checkLog(files: LogFiles, { size, root }: Checkpoint, onEntries?: OnEntries): Promise<LogEnd> {
  const edge = TreeEdge.empty();
  const full: { level: number; index: number; bytes: Buffer }[] = [];
  let bundle: Buffer[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const width = tileWidth(0, index, size);
    const entries = decodeBundle(await files.bundle(index, width));
    if (entries?.length !== width) throw new FaultError('LOG_DIFFERS', `bundle ${index} does not hold ${width} entries`);
    for (const entry of entries) {
      edge.append(leafHash(entry), (level, at, hashes) => full.push({ level, index: at, bytes: Buffer.concat(hashes) }));
    }
    for (const { level, index: at, bytes } of full.splice(0)) await compare(files, level, at, bytes);
    await onEntries?.(index * TILE_WIDTH, entries);
    bundle = width < TILE_WIDTH ? entries : [];
  }
  for (let level = 0; level < edge.height; level += 1) {
    const row = edge.row(level);
    if (row.length > 0) await compare(files, level, Math.floor(size / TILE_WIDTH ** (level + 1)), Buffer.concat(row));
  }
  if (!edge.root().equals(root)) {
    throw new FaultError('LOG_DIFFERS', `the entries give another root than the one committed at ${size}`);
  }
  return { edge, bundle: bundle.map((entry) => Buffer.from(entry)) };
}

async function compare(files: LogFiles, level: number, index: number, bytes: Buffer): Promise<void> {
  const stored = await files.tile({ level, index, width: bytes.length / 32 });
  if (!stored.equals(bytes)) throw new FaultError('LOG_DIFFERS', `tile ${level}/${index} does not follow from the entries`);
}
