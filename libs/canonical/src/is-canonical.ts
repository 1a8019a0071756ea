import { isUtf8 } from 'node:buffer';
import { MAX_DEPTH } from './limits.js';

/**
 * Whether the bytes are, as they stand, the RFC 8785 form of one JSON value of at most 32 levels: exactly those texts that
 * `parseStrict` accepts and `canonicalize` writes back unchanged, apart from the size, which is not asked. It costs less than reading the value, so that
 * whoever passes canonical bytes on can make sure of them. Takes linear time.
 */
export function isCanonical(document: Uint8Array): boolean {
  if (!isUtf8(document)) return false;
  text = document;
  at = 0;
  const whole = readValue(0) && at === text.length;
  text = NOTHING; // keeps no record in memory
  return whole;
}

const NOTHING = new Uint8Array(0);

// One document is read at a time and in one go; passing these two along would cost more than the reading.
let text: Uint8Array = NOTHING;
let at = 0;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function readValue(depth: number): boolean {
  switch (text[at] ?? 0) {
    case QUOTE:
      return readString();
    case OPEN_BRACE:
      return depth < MAX_DEPTH && readObject(depth + 1);
    case OPEN_BRACKET:
      return depth < MAX_DEPTH && readArray(depth + 1);
    case 0x74:
      return readWord('true');
    case 0x66:
      return readWord('false');
    case 0x6e:
      return readWord('null');
    default:
      return readNumber();
  }
}

function readObject(depth: number): boolean {
  at++;
  if (take(CLOSE_BRACE)) return true;
  let before = -1;
  for (;;) {
    const name = at;
    if (text[at] !== QUOTE || !readString()) return false;
    if (before >= 0 && !follows(before, name)) return false; // also refuses a name that occurs twice
    before = name;
    if (!take(COLON) || !readValue(depth)) return false;
    if (take(CLOSE_BRACE)) return true;
    if (!take(COMMA)) return false;
  }
}

function readArray(depth: number): boolean {
  at++;
  if (take(CLOSE_BRACKET)) return true;
  for (;;) {
    if (!readValue(depth)) return false;
    if (take(CLOSE_BRACKET)) return true;
    if (!take(COMMA)) return false;
  }
}

function take(byte: number): boolean {
  if (text[at] !== byte) return false;
  at++;
  return true;
}

function readWord(word: string): boolean {
  for (let i = 0; i < word.length; i++) if (text[at++] !== word.charCodeAt(i)) return false;
  return true;
}

function readString(): boolean {
  for (at++; ; at++) {
    const byte = text[at];
    if (byte === QUOTE) {
      at++;
      return true;
    }
    if (byte === undefined || byte < 0x20) return false;
    if (byte === BACKSLASH && !skipEscape()) return false;
  }
}

/** RFC 8785 section 3.2.2.2: these characters have a short escape, other controls `\u00` and two lower-case digits, no others any. */
const SHORT = new Set(['"', '\\', 'b', 'f', 'n', 'r', 't'].map((letter) => letter.charCodeAt(0)));
const LONG = /^u00(0[0-7b]|0[ef]|1[0-9a-f])$/;

/** Moves to the last byte of an escape. */
function skipEscape(): boolean {
  if (SHORT.has(text[++at] ?? 0)) return true;
  const letters = latin1(at, at + 5);
  at += 4;
  return LONG.test(letters);
}

const SAFE_DIGITS = 15;

function readNumber(): boolean {
  const start = at;
  let digits = true;
  for (; ; at++) {
    const byte = text[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) continue;
    // Whatever else a number consists of: a character that does not belong there makes its text differ.
    if (byte !== MINUS && byte !== 0x2b && byte !== 0x2e && byte !== 0x65) break;
    digits = false;
  }
  const length = at - start;
  if (digits && length > 0 && length <= SAFE_DIGITS) return length === 1 || text[start] !== ZERO;
  const written = latin1(start, at);
  return written === String(Number(written)) && length > 0;
}

/** Whether the name that opens at `second` comes after the one at `first`, by UTF-16 units (RFC 8785 section 3.2.3). */
function follows(first: number, second: number): boolean {
  for (let i = 1; ; i++) {
    const a = text[first + i] ?? 0;
    const b = text[second + i] ?? 0;
    if (a === BACKSLASH || b === BACKSLASH) return decoded(first) < decoded(second);
    if (a !== b) return a === QUOTE || (b !== QUOTE && rank(a) < rank(b));
    if (a === QUOTE) return false; // the same name
  }
}

/** UTF-8 orders like code points; in UTF-16 the pairs of U+10000 and above come before U+E000 to U+FFFF (0xEE and 0xEF in UTF-8). */
function rank(byte: number): number {
  return byte === 0xee || byte === 0xef ? byte + 0x20 : byte;
}

/** The name that opens at `from`, in a text whose strings have been read up to here. */
function decoded(from: number): string {
  let end = from + 1;
  while (text[end] !== QUOTE) end += text[end] === BACKSLASH ? 2 : 1;
  const bytes = Buffer.from(text.buffer, text.byteOffset + from, end + 1 - from);
  return JSON.parse(bytes.toString('utf8')) as string;
}

function latin1(from: number, to: number): string {
  return Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1', from, to);
}
