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

const SLOTS = 256;
const slots: ({ readonly bytes: Uint8Array; readonly name: string } | undefined)[] = new Array(SLOTS);

/** The text of the header name at `start … end`; names seen before are not decoded again. */
export const nameFromTheWire = (buffer: Buffer, start: number, end: number): string => {
  const length = end - start;
  if (length === 0) return '';
  const first = buffer[start] as number;
  const middle = buffer[start + (length >> 1)] as number;
  const last = buffer[end - 1] as number;
  const slot = (length * 7 + first * 31 + middle * 17 + last * 5) % SLOTS;
  const before = slots[slot];
  if (before !== undefined && before.bytes.length === length && isAt(buffer, start, before.bytes)) return before.name;
  const name = buffer.toString('utf8', start, end);
  if (length <= 64) slots[slot] = { bytes: Uint8Array.prototype.slice.call(buffer, start, end), name };
  return name;
};

const isAt = (buffer: Buffer, start: number, bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) {
    if (buffer[start + i] !== bytes[i]) return false;
  }
  return true;
};
