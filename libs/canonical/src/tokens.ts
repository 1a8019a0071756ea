import type { FaultCode } from '#faults';
import { keepsItsValue } from './number.js';
import { decodeString } from './string.js';

// Bytes by name. Each file has its own: V8 folds a constant of the same module into the code, an imported one it reads anew each time.
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const EXCLAMATION_MARK = 0x21;
const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;

/** Stands for the end of the input. A zero byte is no part of any JSON text, so the two need not be told apart. */
const END = 0;
/** A double keeps any 15 digits, so a literal with no more of them, and with an exponent of at most two, needs no closer look. */
const SAFE_DIGITS = 15;
const SAFE_EXPONENT_DIGITS = 2;
/** ECMAScript writes what is smaller with an exponent. */
const LEAST_PLAIN = 1e-6;
/** With the u flag, a pair is one character and no surrogate: only halves match. */
const HALF_A_PAIR = /\p{Surrogate}/u;

/**
 * A cursor over bytes that are known to be UTF-8, which reads JSON's tokens. Every `read…` gives undefined where the text is not
 * JSON; what is JSON but may not pass is noted in `fault` and reading goes on.
 */
export class Tokens {
  /** What is wrong with the text: the fault that ended the reading, otherwise the first that was noted. */
  fault: FaultCode | undefined;
  private isOdd = false;
  private at = 0;
  /** One character for each byte, so that a place in the bytes is a place in the text and ASCII can be cut out of it. */
  private readonly text: string;

  constructor(private readonly bytes: Buffer) {
    this.text = bytes.toString('latin1');
  }

  /** Ends the reading with a fault. */
  refuse(code: FaultCode): undefined {
    this.fault = code;
    return undefined;
  }

  /** Notes a fault that does not hinder reading. */
  note(code: FaultCode): void {
    this.fault ??= code;
  }

  /** Where the next byte stands. */
  get place(): number {
    return this.at;
  }

  /** Whether a string or number read since this was asked last is not written as RFC 8785 writes it, or may not be. */
  takeOdd(): boolean {
    const isOdd = this.isOdd;
    this.isOdd = false;
    return isOdd;
  }

  /** Goes over white space and returns the byte behind it without going over it; 0 at the end. */
  peek(): number {
    const bytes = this.bytes;
    let at = this.at;
    let byte = bytes[at] ?? END;
    while (byte <= SPACE && (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB)) {
      byte = bytes[++at] ?? END;
    }
    this.at = at;
    return byte;
  }

  /** Goes over the byte that {@link peek} returned. */
  skip(): void {
    this.at++;
  }

  /** Goes over white space; whether nothing follows. */
  atEnd(): boolean {
    return this.peek() === END && this.at >= this.bytes.length;
  }

  /** Goes over `expected` if the next bytes are these. */
  skipIf(expected: Uint8Array): boolean {
    const bytes = this.bytes;
    const start = this.at;
    const length = expected.length;
    for (let i = 0; i < length; i++) {
      if (bytes[start + i] !== expected[i]) return false;
    }
    this.at = start + length;
    return true;
  }

  readWord<T>(word: string, value: T): T | undefined {
    if (!this.text.startsWith(word, this.at)) return this.refuse('JSON_SYNTAX');
    this.at += word.length;
    return value;
  }

  /** Reads the string whose opening quote is next. */
  readString(): string | undefined {
    const bytes = this.bytes;
    const start = this.at + 1;
    let at = start;
    let seen = 0;
    let byte = bytes[at] ?? END;
    while ((byte > QUOTE && byte !== BACKSLASH) || byte === SPACE || byte === EXCLAMATION_MARK) {
      seen |= byte;
      byte = bytes[++at] ?? END;
    }
    if (byte === BACKSLASH) return this.readEscaped(start, at);
    if (byte !== QUOTE) return this.refuse('JSON_SYNTAX');
    this.at = at + 1;
    return seen < 0x80 ? this.text.slice(start, at) : decodeString(bytes, start, at);
  }

  /** Reads on from the first escape of the string that began at `start`. */
  private readEscaped(start: number, firstEscape: number): string | undefined {
    const bytes = this.bytes;
    let at = firstEscape;
    for (let byte = BACKSLASH; byte !== QUOTE; byte = bytes[at] ?? END) {
      if (byte < SPACE) return this.refuse('JSON_SYNTAX');
      at += byte === BACKSLASH ? 2 : 1;
    }
    this.at = at + 1;
    this.isOdd = true;
    const text = decodeString(bytes, start, at);
    if (text === undefined) return this.refuse('JSON_SYNTAX');
    if (HALF_A_PAIR.test(text)) this.note('JSON_SURROGATE_LONE');
    return text;
  }

  /** Reads the number that is next, by the grammar of RFC 8259 section 6. */
  readNumber(): number | undefined {
    const bytes = this.bytes;
    const start = this.at;
    const isNegative = bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    let value = 0;
    let at = first;
    let byte = bytes[at] ?? END;
    for (; isDigit(byte); byte = bytes[++at] ?? END) value = value * 10 + byte - ZERO;
    const digits = at - first;
    if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return this.refuse('JSON_SYNTAX');
    if (byte === POINT || (byte | 0x20) === LETTER_E || digits > SAFE_DIGITS) return this.readLongNumber(start, at);
    this.at = at;
    if (!isNegative) return value;
    if (value === 0) this.isOdd = true; // -0 is written 0
    return -value;
  }

  /** Reads on from the end of the integer part of the number that began at `start`. */
  private readLongNumber(start: number, afterInteger: number): number | undefined {
    const bytes = this.bytes;
    let at = afterInteger;
    if (bytes[at] === POINT) {
      const end = skipDigits(bytes, at + 1);
      if (end === at + 1) return this.refuse('JSON_SYNTAX');
      at = end;
    }
    let isSafe = at - start <= SAFE_DIGITS;
    const hasExponent = ((bytes[at] ?? END) | 0x20) === LETTER_E;
    if (hasExponent) {
      const sign = bytes[at + 1];
      const from = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
      at = skipDigits(bytes, from);
      if (at === from) return this.refuse('JSON_SYNTAX');
      isSafe &&= at - from <= SAFE_EXPONENT_DIGITS;
    }
    this.at = at;
    const literal = this.text.slice(start, at);
    if (!isSafe && !keepsItsValue(literal)) this.note('JSON_NUMBER_LOSSY');
    const value = Number(literal);
    // A literal that loses nothing has the digits of the shortest form. Otherwise it is written alike, unless one of these holds.
    if (hasExponent || bytes[at - 1] === ZERO || !(Math.abs(value) >= LEAST_PLAIN)) this.isOdd = true;
    return value;
  }
}

const LETTER_E = 0x65;

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at] ?? END)) at++;
  return at;
}
