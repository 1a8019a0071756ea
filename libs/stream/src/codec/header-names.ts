import { sizeOfVarint, writeVarint } from './varint.js';

// Names of headers are few and come with every record; the bound only guards against a sender that invents names.
const MOST = 512;
const known = new Map<string, Uint8Array>();

/** A header's name as it stands on the wire: its length as a varint, then its UTF-8 bytes. */
export const nameOnTheWire = (name: string): Uint8Array => {
  const before = known.get(name);
  if (before !== undefined) return before;
  const text = Buffer.from(name);
  const bytes = new Uint8Array(sizeOfVarint(text.length) + text.length);
  bytes.set(text, writeVarint(bytes, 0, text.length));
  if (known.size >= MOST) known.clear();
  known.set(name, bytes);
  return bytes;
};
