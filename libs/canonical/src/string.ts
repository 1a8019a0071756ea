const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** For strings up to 64 Ki units; a longer one gets a buffer of its own. */
const scratch = Buffer.allocUnsafeSlow(128 * 1024);

/**
 * The text of a JSON string whose content lies from `start` to `end`, both without the quotes, in bytes that are known to be
 * UTF-8; undefined where an escape is not one of JSON's. Half a surrogate pair, which only an escape can bring, stays in the text.
 */
export function decodeString(bytes: Uint8Array, start: number, end: number): string | undefined {
  // A byte of input makes at most one UTF-16 unit. Units are written byte by byte, since `toString` reads little-endian anywhere.
  const size = (end - start) * 2;
  const to = size <= scratch.length ? scratch : Buffer.allocUnsafeSlow(size);
  let length = 0;
  for (let at = start; at < end; ) {
    const lead = bytes[at] ?? 0;
    let unit = lead;
    if (lead === BACKSLASH) {
      const letter = bytes[at + 1] ?? 0;
      unit = letter === LETTER_U ? hexUnit(bytes, at + 2) : shortEscape(letter);
      if (unit < 0) return undefined;
      at += letter === LETTER_U ? 6 : 2;
    } else if (lead < 0x80) at++;
    else if (lead < 0xe0) {
      unit = ((lead & 0x1f) << 6) | tail(bytes, at + 1);
      at += 2;
    } else if (lead < 0xf0) {
      unit = ((lead & 0x0f) << 12) | (tail(bytes, at + 1) << 6) | tail(bytes, at + 2);
      at += 3;
    } else {
      const plane = ((lead & 0x07) << 18) | (tail(bytes, at + 1) << 12) | (tail(bytes, at + 2) << 6) | tail(bytes, at + 3);
      const high = 0xd800 + ((plane - 0x10000) >> 10);
      to[length++] = high & 0xff;
      to[length++] = high >> 8;
      unit = 0xdc00 + (plane & 0x3ff);
      at += 4;
    }
    to[length++] = unit & 0xff;
    to[length++] = unit >> 8;
  }
  return to.toString('utf16le', 0, length);
}

const LETTER_U = 0x75;

/** The six bits of a continuation byte. */
function tail(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) & 0x3f;
}

/** The character that an escape of one letter stands for, or -1. */
function shortEscape(letter: number): number {
  switch (letter) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
      return letter;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return -1;
  }
}

/** The unit that four hexadecimal digits stand for, or -1. */
function hexUnit(bytes: Uint8Array, from: number): number {
  let unit = 0;
  for (let at = from; at < from + 4; at++) {
    const byte = bytes[at] ?? 0;
    const letter = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) unit = unit * 16 + byte - 0x30;
    else if (letter >= 0x61 && letter <= 0x66) unit = unit * 16 + letter - 0x57;
    else return -1;
  }
  return unit;
}
