import { isUtf8 } from 'node:buffer';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Where the raw bytes of a value lie: from `start` up to, not including, `end`; without white space around them. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes one JSON object apart without judging what is inside its values, so that a value can be cut out of the text exactly
 * as it was sent (the `data` of a structured-mode CloudEvent) and judged later, by {@link parseStrict}. Returns each member's
 * decoded name with the place of its value, or undefined where the bytes cannot be framed: they are not one object, a string or
 * bracket does not close, a name is not a valid string, or a name occurs twice. Takes linear time and no recursion.
 */
export function sliceMembers(input: Uint8Array): ReadonlyMap<string, ByteRange> | undefined {
  const bytes = Buffer.isBuffer(input) ? input : Buffer.from(input.buffer, input.byteOffset, input.length);
  const members = new Map<string, ByteRange>();
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_BRACE) return undefined;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1) === bytes.length ? members : undefined;
  for (;;) {
    const name = bytes[at] === QUOTE ? readName(bytes, at) : undefined;
    if (name === undefined || members.has(name.text)) return undefined;
    at = skipSpace(bytes, name.end);
    if (bytes[at] !== COLON) return undefined;
    const start = skipSpace(bytes, at + 1);
    const end = endOfValue(bytes, start);
    if (end === undefined) return undefined;
    members.set(name.text, { start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === CLOSE_BRACE) return skipSpace(bytes, at + 1) === bytes.length ? members : undefined;
    if (bytes[at] !== COMMA) return undefined;
    at = skipSpace(bytes, at + 1);
  }
}

/** The four characters that RFC 8259 allows between tokens. */
function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

/** The place after the closing quote of the string that opens at `from`, or undefined. */
function endOfString(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return undefined;
}

/** The place after the value that begins at `from`; what stands between its brackets or commas may be anything. */
function endOfValue(bytes: Uint8Array, from: number): number | undefined {
  if (bytes[from] === QUOTE) return endOfString(bytes, from);
  if (bytes[from] === OPEN_BRACE || bytes[from] === OPEN_BRACKET) return endOfBrackets(bytes, from);
  let at = from;
  while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACE) at++;
  while (at > from && isSpace(bytes[at - 1])) at--;
  return at > from ? at : undefined;
}

/** Counts both kinds of bracket together: which closes which is for the strict parser to say. */
function endOfBrackets(bytes: Uint8Array, from: number): number | undefined {
  let open = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = endOfString(bytes, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) open++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --open === 0) return at + 1;
  }
  return undefined;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The decoded member name whose opening quote stands at `from`. */
function readName(bytes: Buffer, from: number): { text: string; end: number } | undefined {
  const end = endOfString(bytes, from);
  if (end === undefined) return undefined;
  if (isPlain(bytes, from, end)) return { text: bytes.toString('latin1', from + 1, end - 1), end };
  if (!isUtf8(bytes.subarray(from, end))) return undefined;
  try {
    const text: unknown = JSON.parse(bytes.toString('utf8', from, end));
    return typeof text === 'string' && !LONE_SURROGATE.test(text) ? { text, end } : undefined;
  } catch {
    return undefined; // a control character or an unknown escape: not a name
  }
}

/** Whether a string is nothing but printable ASCII without escapes, so that it means what it shows. */
function isPlain(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < SPACE || byte > 0x7e || byte === BACKSLASH) return false;
  }
  return true;
}
