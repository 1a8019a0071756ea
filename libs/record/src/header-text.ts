import { isUtf8 } from 'node:buffer';

/** Longer ones are seldom the same twice, and comparing them would cost as much as decoding. */
const LONGEST = 128;
/** Names are those of {@link HEADER}; the bound only guards against a caller who takes them from records. */
const MOST_NAMES = 64;
/** By the name of a header: the text that it had last, where that is ASCII. */
const latest = new Map<string, string>();

/**
 * The text of a header's one value, or undefined where it is no UTF-8. The records of a chunk mostly bear the same source, type and schema:
 * such a text is recognised by comparing bytes and given again, which costs a quarter of decoding, and no memory.
 */
export function headerText(name: string, bytes: Buffer): string | undefined {
  const before = latest.get(name);
  if (before !== undefined && spells(before, bytes)) return before;
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  // As many units as bytes: then it is ASCII, so that equal units are equal bytes.
  if (text.length === bytes.length && text.length <= LONGEST && (before !== undefined || latest.size < MOST_NAMES))
    latest.set(name, text);
  return text;
}

/** Whether these are the bytes of an ASCII text. */
function spells(text: string, bytes: Buffer): boolean {
  if (text.length !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
