import { FaultError } from '#faults';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What a string of so many units takes at the most: one unit becomes up to six bytes, as in \u001f. */
export function longestString(units: number): number {
  return units * 6 + 2;
}

/**
 * Writes a text at `from` as RFC 8785 writes strings, in UTF-8 and with its quotes, and gives the place behind it. There must be
 * room. Encodes and escapes in one loop, since a native call for each short string would cost more than its characters do. Throws
 * FaultError JSON_SURROGATE_LONE for half a surrogate pair.
 */
export function encodeString(text: string, to: Buffer, from: number): number {
  let at = from;
  to[at++] = QUOTE;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      if (unit >= 0x20 && unit !== QUOTE && unit !== BACKSLASH) to[at++] = unit;
      else at = writeEscape(to, at, unit);
    } else if (unit < 0x800) {
      to[at++] = 0xc0 | (unit >> 6);
      to[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      to[at++] = 0xe0 | (unit >> 12);
      to[at++] = 0x80 | ((unit >> 6) & 0x3f);
      to[at++] = 0x80 | (unit & 0x3f);
    } else {
      at = writePair(to, at, unit, text.charCodeAt(++i));
    }
  }
  to[at++] = QUOTE;
  return at;
}

/** The characters that have a short escape (RFC 8785 section 3.2.2.2), and the letter of it. */
const SHORT_ESCAPE = new Map([
  [QUOTE, 0x22],
  [BACKSLASH, 0x5c],
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
]);

function writeEscape(to: Buffer, from: number, unit: number): number {
  const letter = SHORT_ESCAPE.get(unit);
  let at = from;
  to[at++] = BACKSLASH;
  if (letter !== undefined) {
    to[at++] = letter;
    return at;
  }
  return at + to.write(`u${unit.toString(16).padStart(4, '0')}`, at, 'latin1');
}

function writePair(to: Buffer, from: number, high: number, low: number): number {
  // At the end of the text `low` is NaN, which no comparison holds for.
  if (high > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) throw new FaultError('JSON_SURROGATE_LONE', 'in a value to be written');
  const point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  let at = from;
  to[at++] = 0xf0 | (point >> 18);
  to[at++] = 0x80 | ((point >> 12) & 0x3f);
  to[at++] = 0x80 | ((point >> 6) & 0x3f);
  to[at++] = 0x80 | (point & 0x3f);
  return at;
}
