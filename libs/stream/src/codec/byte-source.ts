/** What a key, a value or a header value may be: bytes as they are, or text that travels as UTF-8. */
export type ByteSource = Uint8Array | string;

// Up to this length a loop over the characters beats a call into the runtime.
const SHORT = 48;

/** How many bytes a source takes on the wire; -1 for none. Throws a TypeError for anything that is neither text nor bytes. */
export const lengthOfBytes = (source: ByteSource | null | undefined): number => {
  if (source === null || source === undefined) return -1;
  if (typeof source === 'string') return lengthOfText(source);
  if (source instanceof Uint8Array) return source.length;
  throw new TypeError('a key, a value or a header of a Kafka record must be text or bytes');
};

/** How many bytes a text takes as UTF-8. */
export const lengthOfText = (text: string): number => {
  if (text.length > SHORT) return Buffer.byteLength(text);
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
};

/** Writes a source that was measured as `length` bytes and returns the offset behind it. */
export const writeBytes = (target: Buffer, offset: number, source: ByteSource, length: number): number => {
  if (typeof source !== 'string') {
    target.set(source, offset);
  } else if (length !== source.length) {
    target.write(source, offset, length, 'utf8');
  } else if (length > SHORT) {
    target.write(source, offset, length, 'latin1');
  } else {
    for (let i = 0; i < length; i++) target[offset + i] = source.charCodeAt(i);
  }
  return offset + length;
};
