import { keepsItsValue } from './number.js';

/** What {@link scan} saw; it means something only for text that is JSON. */
export interface Scanned {
  /** Nesting exceeds the limit; the scan stopped there. */
  tooDeep: boolean;
  loneSurrogate: boolean;
  lossyNumber: boolean;
  /** How many members all objects have together, repeated names counted each time. */
  members: number;
}

/** Looks in one pass for what `JSON.parse` would let through unseen. It does not judge the grammar. */
export function scan(bytes: Uint8Array, maxDepth: number): Scanned {
  const found = { tooDeep: false, loneSurrogate: false, lossyNumber: false, members: 0 };
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at + 1, found);
    else if (byte === COLON) found.members++;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth) {
        found.tooDeep = true;
        return found;
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    else if (byte !== undefined && ((byte >= ZERO && byte <= NINE) || byte === MINUS)) at = skipNumber(bytes, at, found);
  }
  return found;
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The place of the closing quote of the string whose content begins at `from`. */
function skipString(bytes: Uint8Array, from: number, found: Scanned): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) break;
    if (byte !== BACKSLASH) continue;
    at++;
    const half = surrogateAt(bytes, at);
    if (half === undefined) continue;
    if (half === 'high' && bytes[at + 5] === BACKSLASH && surrogateAt(bytes, at + 6) === 'low') at += 10;
    else found.loneSurrogate = true;
  }
  return at;
}

/** Which half of a surrogate pair the escape `uXXXX` at `at` stands for, if any. */
function surrogateAt(bytes: Uint8Array, at: number): 'high' | 'low' | undefined {
  if (bytes[at] !== 0x75 || lower(bytes[at + 1]) !== 0x64) return undefined;
  const digit = lower(bytes[at + 2]);
  if (digit === 0x38 || digit === 0x39 || digit === 0x61 || digit === 0x62) return 'high';
  return digit >= 0x63 && digit <= 0x66 ? 'low' : undefined;
}

function lower(byte: number | undefined): number {
  return (byte ?? 0) | 0x20;
}

/** A literal with at most 15 digits and no exponent keeps its value in any case. */
const SAFE_DIGITS = 15;

/** The place of the last character of the number that begins at `from`. */
function skipNumber(bytes: Uint8Array, from: number, found: Scanned): number {
  let digits = 0;
  let hasExponent = false;
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) digits++;
    else if ((byte | 0x20) === 0x65) hasExponent = true;
    else if (byte !== POINT && byte !== MINUS && byte !== PLUS) break;
  }
  if ((digits > SAFE_DIGITS || hasExponent) && !found.lossyNumber) {
    found.lossyNumber = !keepsItsValue(Buffer.from(bytes.buffer, bytes.byteOffset + from, at - from).toString('latin1'));
  }
  return at - 1;
}
