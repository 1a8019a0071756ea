import { isUtf8 } from 'node:buffer';

/** Longer ones are seldom the same twice, and comparing them would cost as much as decoding. */
const LONGEST = 128;
/** Names are those of {@link HEADER}; the bound only guards against a caller who takes them from records. */
const MOST_NAMES = 64;
/** Bytes in larger memory are not kept: all that was fetched with them would be. */
const LITTLE_BYTES = 8 * 1024;

interface Latest {
  readonly text: string;
  /** What it was read from; the same object says the same again, since what was received is never written to. */
  bytes: Buffer | undefined;
}
/** By the name of a header: the text that it had last, where that is ASCII. */
const latest = new Map<string, Latest>();

/**
 * The text of a header's one value, or undefined where it is no UTF-8. The records of a chunk mostly bear the same source, type and schema:
 * such a text is recognised by comparing bytes and given again, which costs a quarter of decoding, and no memory.
 */
export function headerText(name: string, bytes: Buffer): string | undefined {
  const before = latest.get(name);
  if (before?.bytes === bytes) return before.text;
  if (before !== undefined && spells(before.text, bytes)) {
    before.bytes = little(bytes);
    return before.text;
  }
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  // As many units as bytes: then it is ASCII, so that equal units are equal bytes.
  if (text.length === bytes.length && text.length <= LONGEST && (before !== undefined || latest.size < MOST_NAMES))
    latest.set(name, { text, bytes: little(bytes) });
  return text;
}

const little = (bytes: Buffer): Buffer | undefined => (bytes.buffer.byteLength <= LITTLE_BYTES ? bytes : undefined);

/** Whether these are the bytes of an ASCII text. */
function spells(text: string, bytes: Buffer): boolean {
  if (text.length !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
