/** Where one element of a JSON array lies in the bytes. */
export interface ElementSlice {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Frames the elements of the one JSON array in `bytes` without judging what stands in them: strings and brackets are followed,
 * nothing else. Undefined where the bytes cannot be framed or hold more than `most` elements.
 */
export function sliceElements(bytes: Buffer, most: number): ElementSlice[] | undefined {
  const open = skipSpace(bytes, 0);
  if (bytes[open] !== OPEN_BRACKET) return undefined;
  const elements: ElementSlice[] = [];
  let at = skipSpace(bytes, open + 1);
  if (bytes[at] === CLOSE_BRACKET) return onlySpaceAfter(bytes, at + 1) ? elements : undefined;
  for (;;) {
    const end = endOfValue(bytes, at);
    if (end === undefined || end === at || elements.length === most) return undefined;
    elements.push({ start: at, end });
    const next = skipSpace(bytes, end);
    if (bytes[next] === CLOSE_BRACKET) return onlySpaceAfter(bytes, next + 1) ? elements : undefined;
    if (bytes[next] !== COMMA) return undefined;
    at = skipSpace(bytes, next + 1);
  }
}

/** The index after the value that begins at `at`, or undefined where the bytes end inside it. */
function endOfValue(bytes: Buffer, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      const end = endOfString(bytes, i);
      if (end === undefined || depth === 0) return end;
      i = end - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return i;
      if (--depth === 0) return i + 1;
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) {
      return i;
    }
  }
  return undefined;
}

function endOfString(bytes: Buffer, open: number): number | undefined {
  for (let i = open + 1; i < bytes.length; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i + 1;
  }
  return undefined;
}

const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}
const onlySpaceAfter = (bytes: Buffer, from: number) => skipSpace(bytes, from) === bytes.length;
