import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Turns } from '#concurrency';
import { FaultError } from '#faults';
import { type ContentReference, type ContentUrn, contentUrnOf, digestIn, type RecordType, type SubsystemId } from '#record';
import { ContentIndex, type NamedBy } from './content-index.js';
import { openFrames, sealedLength, sealFrames } from './frames.js';

/** How much is kept, and how long. Sizes in bytes, times in milliseconds. */
export interface ContentLimits {
  readonly mostBytes: number;
  readonly totalBytes: number;
  /** How long a content waits for a record that names it. */
  readonly unnamedMs: number;
  /** How long it is kept after a record of a type named it. */
  readonly keptMs: (type: RecordType) => number;
}

/** Whether a caller may name a content in a record. */
export type Holding = 'held' | 'unknown' | 'differs';

/** Names and sizes on the disk are worth something too: so many contents are kept at most. */
const MOST_CONTENTS = 100_000;

/**
 * The contents of one agency, in a folder: each once, under the digest of its bytes, sealed by a key that is in no file of the folder. What is
 * in the index has its file; a file without an entry is what a crash left, and goes at the next start.
 */
export class ContentStore {
  /** What is on the disk or on its way there. */
  private used = 0;
  /** One change of what is kept at a time: a content that is being named is not swept, and one that goes is not taken for one that is there. */
  private readonly changes = new Turns();

  private constructor(
    private readonly folder: string,
    private readonly index: ContentIndex,
    private readonly secret: Buffer,
    private readonly limits: ContentLimits,
    private readonly now: () => Date,
  ) {}

  /** Opens the store in `folder` or makes it. Throws SETTINGS_INVALID where another process has it open. */
  static async open(folder: string, secret: Buffer, limits: ContentLimits, now: () => Date): Promise<ContentStore> {
    for (const name of ['files', 'incoming']) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    const index = await ContentIndex.open(join(folder, 'index'));
    const store = new ContentStore(folder, index, secret, limits, now);
    await store.tidy();
    return store;
  }

  /** Bytes that contents take on the disk, with those that are arriving. */
  get usedBytes(): number {
    return this.used;
  }

  get mostBytes(): number {
    return this.limits.mostBytes;
  }

  /**
   * Keeps the bytes of a stream for a subsystem and gives how a record names them; of what is there already nothing is kept twice. Resolves once
   * they are on the disk. `announced` is their number where it is known, `expected` their SHA-256. Throws CONTENT_TOO_LARGE, CONTENT_FULL,
   * CONTENT_DIGEST, DOOR_FRAMING for no bytes at all, and what the stream gives; nothing is left of them then.
   */
  async put(
    source: AsyncIterable<Buffer>,
    owner: SubsystemId,
    { announced = 0, expected }: { readonly announced?: number; readonly expected?: Buffer } = {},
  ): Promise<Pick<ContentReference, 'dataref' | 'size'>> {
    if (announced > this.limits.mostBytes) throw new FaultError('CONTENT_TOO_LARGE', `at most ${this.limits.mostBytes} bytes`);
    if (this.index.size >= MOST_CONTENTS || this.used + announced > this.limits.totalBytes) throw new FaultError('CONTENT_FULL');
    const draft = join(this.folder, 'incoming', randomUUID());
    const hash = createHash('sha256');
    let size = 0;
    let taken = 0;
    const take = (bytes: number): void => {
      if (this.used + bytes > this.limits.totalBytes) throw new FaultError('CONTENT_FULL');
      this.used += bytes;
      taken += bytes;
    };
    const mostBytes = this.limits.mostBytes;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > mostBytes) throw new FaultError('CONTENT_TOO_LARGE', `at most ${mostBytes} bytes`);
        take(chunk.length);
        hash.update(chunk);
        yield chunk;
      }
    }
    try {
      await pipeline(sealFrames(counted(), this.secret), createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
      if (size === 0) throw new FaultError('DOOR_FRAMING', 'there are no bytes');
      const digest = hash.digest();
      if (expected !== undefined && !expected.equals(digest)) throw new FaultError('CONTENT_DIGEST');
      take(sealedLength(size) - size);
      const dataref = contentUrnOf(digest);
      await this.changes.take(async () => {
        if (this.index.get(dataref) === undefined) {
          await rename(draft, this.fileOf(dataref));
          await syncFolder(join(this.folder, 'files'));
          taken = 0; // now the content's
        }
        await this.index.put(dataref, owner, size, this.now().getTime());
      });
      return { dataref, size };
    } catch (error) {
      throw isFull(error) ? new FaultError('CONTENT_FULL', 'the disk is full', { cause: error }) : error;
    } finally {
      this.used -= taken;
      await rm(draft, { force: true });
    }
  }

  /** Whether a subsystem may name a content: only what it put here itself, and by its right size. */
  holds({ dataref, size }: ContentReference, owner: SubsystemId): Holding {
    const kept = this.index.get(dataref);
    if (kept === undefined || !kept.owners.includes(owner)) return 'unknown';
    return kept.size === size ? 'held' : 'differs';
  }

  /** Remembers that a record names contents, before that record goes on the road. Throws CONTENT_UNKNOWN where one has gone meanwhile. */
  name(references: readonly ContentReference[], by: NamedBy, type: RecordType): Promise<void> {
    return this.changes.take(async () => {
      if (references.some(({ dataref }) => this.index.get(dataref) === undefined)) throw new FaultError('CONTENT_UNKNOWN');
      const until = this.now().getTime() + this.limits.keptMs(type);
      await this.index.name(references.map(({ dataref }) => ({ ...by, content: dataref, until })));
    });
  }

  /**
   * The size of a content and its bytes from one on, as they are asked for; undefined where there is none. What is begun may be read to its end. The
   * bytes end with a RangeError where the file is not what was written.
   */
  read(content: ContentUrn): { readonly size: number; readonly bytes: (from: number) => AsyncGenerator<Buffer> } | undefined {
    const kept = this.index.get(content);
    return kept === undefined ? undefined : { size: kept.size, bytes: (from) => this.bytesOf(content, kept.size, from) };
  }

  /** Removes at once every content that is named by no other records than those. Gives how many that were. */
  erase(isGone: (by: NamedBy) => boolean): Promise<number> {
    return this.changes.take(async () => {
      const lost = await this.index.unname(isGone);
      for (const content of lost) await this.remove(content);
      return lost.length;
    });
  }

  /** Removes what nobody named in time, and what records named long enough ago and nobody brought again since. Gives how many that were. */
  sweep(): Promise<number> {
    return this.changes.take(async () => {
      const now = this.now().getTime();
      const over = [...this.index.entries()].filter(
        ([, { at, until = 0 }]) => Math.max(until, at + this.limits.unnamedMs) <= now,
      );
      for (const [content] of over) await this.remove(content);
      return over.length;
    });
  }

  async close(): Promise<void> {
    await this.changes.over();
    await this.index.close();
  }

  private async *bytesOf(content: ContentUrn, size: number, from: number): AsyncGenerator<Buffer> {
    const file = await open(this.fileOf(content), 'r');
    try {
      yield* openFrames(file, size, this.secret, from);
    } finally {
      await file.close();
    }
  }

  private async remove(content: ContentUrn): Promise<void> {
    const kept = this.index.get(content);
    if (kept === undefined) return;
    await this.index.drop(content);
    await rm(this.fileOf(content), { force: true });
    this.used -= sealedLength(kept.size);
  }

  /** The name of a file is made of the digest's bytes in hexadecimal: nothing that a caller writes can lead elsewhere. */
  private fileOf(content: ContentUrn): string {
    return join(this.folder, 'files', digestIn(content).toString('hex'));
  }

  /** Makes folder and index agree, whatever a crash left. */
  private async tidy(): Promise<void> {
    await rm(join(this.folder, 'incoming'), { recursive: true, force: true });
    await mkdir(join(this.folder, 'incoming'), { mode: 0o700 });
    const known = new Set<string>();
    for (const [content, { size }] of [...this.index.entries()]) {
      const file = this.fileOf(content);
      const found = await stat(file).catch(() => undefined);
      if (found?.size === sealedLength(size)) {
        known.add(file);
        this.used += sealedLength(size);
      } else await this.index.drop(content);
    }
    for (const name of await readdir(join(this.folder, 'files'))) {
      const file = join(this.folder, 'files', name);
      if (!known.has(file)) await rm(file, { force: true });
    }
  }
}

/** Makes a new name itself survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
