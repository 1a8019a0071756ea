/**
 * Cuts a stream of bytes at line feeds. The bytes of a line are exactly those of the input: nothing is decoded or trimmed.
 * Of a line longer than `limit` one byte more than the limit is kept, so that whoever looks at it sees that it is too long.
 * What follows the last line feed is a line only if it is not empty.
 */
export async function* byteLines(input: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer) => {
    const room = Math.max(0, limit + 1 - size);
    if (room > 0) parts.push(part.subarray(0, room));
    size += part.length;
  };
  const take = (): Buffer => {
    const line = Buffer.concat(parts);
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of input) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      yield take();
    }
    keep(rest);
  }
  if (size > 0) yield take();
}

/** All bytes of a stream. */
export async function allOf(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of input) parts.push(part);
  return Buffer.concat(parts);
}
