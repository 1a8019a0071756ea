import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundlePath, decodeBundle, encodeBundle, HASH_BYTES, TILE_WIDTH, type Tile, tilePath } from '#evidence';
import { FaultError } from '#faults';

const CHECKPOINT = 'checkpoint';
const COSIGNED = 'checkpoint.cosigned';
const STAMPS = 'timestamps';
/** How many files are written at once: as many as Node has threads for them. */
const AT_ONCE = 4;
/** A tile of one width never changes, and those near the root are needed for every proof: so many are kept in memory, up to 8 KiB each. */
const KEPT_TILES = 1024;

/**
 * The log as files, in the layout of tlog-tiles. A file appears whole or not at all and survives a power cut once its write has
 * settled. Throws LOG_STORE_UNAVAILABLE where the disk does not take or give it.
 */
export class LogFiles {
  private readonly kept = new Map<string, Buffer>();

  constructor(readonly folder: string) {}

  /** Writes tiles and bundles; each is on disk, with its name, when this settles. */
  async write(files: readonly (readonly [path: string, content: Buffer])[]): Promise<void> {
    await asFault('write', async () => {
      const left = [...files];
      const worker = async (): Promise<void> => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) await this.writeFile(...next);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      await this.syncFolders(files.map(([path]) => path));
    });
  }

  async writeCheckpoint(note: string): Promise<void> {
    await this.write([[CHECKPOINT, Buffer.from(note)]]);
  }

  async writeCosigned(note: string): Promise<void> {
    await this.write([[COSIGNED, Buffer.from(note)]]);
  }

  /** The checkpoint with cosignatures that was written last, or undefined. */
  async readCosigned(): Promise<string | undefined> {
    return (await this.read(COSIGNED))?.toString('utf8');
  }

  /** The checkpoint that was written last, or undefined. */
  async readCheckpoint(): Promise<string | undefined> {
    return (await this.read(CHECKPOINT))?.toString('utf8');
  }

  /** Keeps a checkpoint with the time-stamp over its bytes. */
  async writeStamp({
    size,
    note,
    answer,
  }: {
    readonly size: number;
    readonly note: string;
    readonly answer: Buffer;
  }): Promise<void> {
    await this.write([
      [`${STAMPS}/${size}.checkpoint`, Buffer.from(note)],
      [`${STAMPS}/${size}.tsr`, answer],
    ]);
  }

  /** The sizes of the trees that were time-stamped, smallest first. */
  async stampedSizes(): Promise<number[]> {
    const names = await readdir(join(this.folder, STAMPS)).catch(() => []); // no folder, no stamps
    return names
      .filter((name) => /^[0-9]+\.tsr$/.test(name))
      .map((name) => Number(name.slice(0, -4)))
      .sort((a, b) => a - b);
  }

  /** The checkpoint and the answer of the authority for a size of {@link stampedSizes}. */
  async readStamp(size: number): Promise<{ readonly note: string; readonly answer: Buffer } | undefined> {
    const [note, answer] = await Promise.all([this.read(`${STAMPS}/${size}.checkpoint`), this.read(`${STAMPS}/${size}.tsr`)]);
    return note === undefined || answer === undefined ? undefined : { note: note.toString('utf8'), answer };
  }

  /** A tile. Throws LOG_DIFFERS where it is not there or not as wide. */
  async tile(tile: Tile): Promise<Buffer> {
    const path = tilePath(tile);
    const bytes = this.kept.get(path) ?? (await this.readTile(tile));
    this.kept.delete(path); // the last one asked for stands last
    this.kept.set(path, bytes);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT_TILES && oldest !== undefined) this.kept.delete(oldest);
    return bytes;
  }

  private async readTile(tile: Tile): Promise<Buffer> {
    const bytes = (await this.read(tilePath(tile))) ?? (await this.read(tilePath({ ...tile, width: TILE_WIDTH })));
    if (bytes === undefined || bytes.length < tile.width * HASH_BYTES) throw missing(tilePath(tile));
    return bytes.subarray(0, tile.width * HASH_BYTES);
  }

  /** The bytes of a bundle of entries. Throws LOG_DIFFERS where it is not there. */
  async bundle(index: number, width: number): Promise<Buffer> {
    const exact = await this.read(bundlePath(index, width));
    if (exact !== undefined) return exact;
    const full = await this.read(bundlePath(index, TILE_WIDTH)); // partial ones go once the full one is there
    const entries = full === undefined ? undefined : decodeBundle(full);
    if (entries === undefined) throw missing(bundlePath(index, width));
    return encodeBundle(entries.slice(0, width));
  }

  /** Removes the partial forms of a tile or bundle that is full now. */
  async removePartials(fullPath: string): Promise<void> {
    await rm(join(this.folder, `${fullPath}.p`), { recursive: true, force: true });
  }

  private async read(path: string): Promise<Buffer | undefined> {
    return asFault('read', async () => {
      try {
        return await readFile(join(this.folder, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  private async writeFile(path: string, content: Buffer): Promise<void> {
    const target = join(this.folder, path);
    const draft = `${target}.tmp`;
    const file = await open(draft, 'w', 0o644).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await mkdir(dirname(target), { recursive: true });
      return open(draft, 'w', 0o644);
    });
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  }

  /** Makes new names themselves survive; folders above may be new too. */
  private async syncFolders(paths: readonly string[]): Promise<void> {
    const folders = new Set<string>();
    for (const path of paths) {
      for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
    }
    await Promise.all(
      [...folders].map(async (folder) => {
        const handle = await open(join(this.folder, folder), 'r');
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
      }),
    );
  }
}

const missing = (path: string): FaultError => new FaultError('LOG_DIFFERS', `${path} is missing`);

async function asFault<T>(what: 'read' | 'write', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FaultError) throw cause;
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new FaultError('LOG_STORE_UNAVAILABLE', `${what}: ${code}`, { cause });
  }
}
