/** A place between outcomes: the next one to be read has this offset and index, or comes after it. */
export interface Place {
  readonly offset: bigint;
  readonly index: number;
}

export const BEGINNING: Place = { offset: 0n, index: 0 };

/** The place right after an outcome. */
export const after = ({ offset, index }: Place): Place => ({ offset, index: index + 1 });

/** Writes and reads places as callers see them: opaque, and valid for one topic only. They survive a rebuilt store. */
export interface Cursors {
  write(place: Place): string;
  /** The place that a cursor names; undefined where it was not issued for this topic. */
  read(cursor: string): Place | undefined;
}

const FORM = /^[A-Za-z0-9_-]{22}$/;

/** The cursors of a topic. */
export function cursorsOf(topic: string): Cursors {
  const seed = checksum(Buffer.from(topic), FNV_OFFSET);
  const scratch = Buffer.alloc(16);
  return {
    write({ offset, index }) {
      scratch.writeBigUInt64BE(offset, 0);
      scratch.writeUInt32BE(index, 8);
      scratch.writeUInt32BE(checksum(scratch.subarray(0, 12), seed), 12);
      return scratch.toString('base64url');
    },
    read(cursor) {
      const bytes = Buffer.from(FORM.test(cursor) ? cursor : '', 'base64url');
      if (bytes.length !== 16 || bytes.readUInt32BE(12) !== checksum(bytes.subarray(0, 12), seed)) return undefined;
      return { offset: bytes.readBigUInt64BE(0), index: bytes.readUInt32BE(8) };
    },
  };
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a: tells typing mistakes and foreign cursors from ours. It protects nothing, since every place may be read. */
function checksum(bytes: Buffer, seed: number): number {
  let sum = seed;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, FNV_PRIME);
  return sum >>> 0;
}
