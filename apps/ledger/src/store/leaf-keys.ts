import { hash } from 'node:crypto';
import { ClassicLevel } from 'classic-level';
import type { Leaf } from '#evidence';

/** Where the leaf of an id stands, and what it says. */
export interface KnownLeaf {
  readonly index: number;
  /** Of a record its record digest where it has one, otherwise the digest of what the leaf is about: 43 characters of base64url. */
  readonly digest: string;
}

const KEY_BYTES = 20;
const DIGEST_BYTES = 32;
const SIZE_KEY = Buffer.from('size');

/**
 * Which ids have a leaf, in LevelDB: the unique key of the log. It is written after the log and can be made again from its
 * entries, so it never says more than the log does.
 */
export class LeafKeys {
  private constructor(private readonly db: ClassicLevel<Buffer, Buffer>) {}

  static async open(folder: string): Promise<LeafKeys> {
    const db = new ClassicLevel<Buffer, Buffer>(folder, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      cacheSize: 16 * 1024 * 1024,
      // Digests do not compress, and keys are as random: with more of them in one run, fewer runs are merged again and again. Both
      // together take the cost of a key at the end of a million from 12 to 9 µs.
      compression: false,
      writeBufferSize: 16 * 1024 * 1024,
    });
    await db.open();
    return new LeafKeys(db);
  }

  /** How many leaves of the log it covers. */
  async size(): Promise<number> {
    const value = await this.db.get(SIZE_KEY);
    return value === undefined ? 0 : Number(value.readBigUInt64BE());
  }

  /** What is known of each key; undefined where it has no leaf. */
  async find(keys: readonly Buffer[]): Promise<(KnownLeaf | undefined)[]> {
    const values = await this.db.getMany([...keys]);
    return values.map((value) =>
      value === undefined
        ? undefined
        : { index: Number(value.readBigUInt64BE()), digest: value.subarray(8).toString('base64url') },
    );
  }

  /** Adds the leaves that stand in the log from `first` on. */
  async add(first: number, leaves: readonly Leaf[]): Promise<void> {
    if (leaves.length === 0) return;
    const batch = leaves.map((leaf, i) => ({ type: 'put' as const, key: keyOf(leaf), value: entryOf(first + i, leaf) }));
    await this.db.batch([...batch, { type: 'put', key: SIZE_KEY, value: number(first + leaves.length) }]);
  }

  async clear(): Promise<void> {
    await this.db.clear();
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

/** The unique key of a leaf. */
export function keyOf({ k, id }: Pick<Leaf, 'k' | 'id'>): Buffer {
  return Buffer.from(hash('sha256', `${k}\0${id}`, 'binary'), 'binary').subarray(0, KEY_BYTES);
}

/** What two leaves of one id must share to be the same statement. */
export const digestOf = ({ rd, s256 }: Pick<Leaf, 'rd' | 's256'>): string =>
  rd === undefined ? s256 : rd.slice(rd.indexOf(':') + 1);

function entryOf(index: number, leaf: Leaf): Buffer {
  return Buffer.concat([number(index), Buffer.from(digestOf(leaf), 'base64url')], 8 + DIGEST_BYTES);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
