import { createHash } from 'node:crypto';

/** A place between outcomes: the next one to be read has this offset and index, or comes after it. */
export interface Place {
  readonly offset: bigint;
  readonly index: number;
}

export const BEGINNING: Place = { offset: 0n, index: 0 };

/** The place right after an outcome. */
export const after = ({ offset, index }: Place): Place => ({ offset, index: index + 1 });

/** A place as callers see it: opaque, and valid for this topic only. It survives a rebuilt store. */
export function writeCursor(topic: string, { offset, index }: Place): string {
  const place = Buffer.alloc(12);
  place.writeBigUInt64BE(offset, 0);
  place.writeUInt32BE(index, 8);
  return Buffer.concat([place, check(topic, place)]).toString('base64url');
}

/** The place that a cursor names; undefined where it was not issued for this topic. */
export function readCursor(topic: string, cursor: string): Place | undefined {
  if (!/^[A-Za-z0-9_-]{22}$/.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const place = bytes.subarray(0, 12);
  if (!bytes.subarray(12).equals(check(topic, place))) return undefined;
  return { offset: place.readBigUInt64BE(0), index: place.readUInt32BE(8) };
}

/** Tells typing mistakes and foreign cursors apart from ours; it protects nothing, since every place may be read. */
function check(topic: string, place: Buffer): Buffer {
  return createHash('sha256').update(`khidi-cursor\0${topic}\0`).update(place).digest().subarray(0, 4);
}
