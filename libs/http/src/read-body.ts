import type { IncomingMessage } from 'node:http';

/**
 * All bytes of a request, exactly as they arrived; undefined as soon as there are more than `limit`. Rejects where the caller is
 * gone. How long it may take is the server's own setting.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limit) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}
