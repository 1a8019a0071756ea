import type { IncomingMessage } from 'node:http';

/** So much of a body that nobody wants is still read, so that the caller sees the answer instead of a broken connection. */
const MOST_DISCARDED = 32 * 1024 * 1024;

/** All bytes of a request; undefined as soon as there are more than `limit`, the rest unread. Rejects where the caller is gone. */
export function readWhole(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const end = (settle: () => void): void => {
      request.off('data', take).off('end', whole).off('error', broken).off('close', broken);
      settle();
    };
    const take = (part: Buffer): void => {
      length += part.length;
      if (length <= limit) parts.push(part);
      else end(() => resolve(undefined));
    };
    const whole = (): void => end(() => resolve(Buffer.concat(parts, length)));
    const broken = (): void => end(() => reject(new Error('the caller is gone')));
    request.on('data', take).on('end', whole).on('error', broken).on('close', broken);
  });
}

/** Reads a body to its end and forgets it; a caller that sends without end is cut off. */
export function discard(request: IncomingMessage): void {
  let length = 0;
  request.on('error', () => undefined); // nobody waits for it any more
  request.on('data', (part: Buffer) => {
    length += part.length;
    if (length > MOST_DISCARDED) request.destroy();
  });
  request.resume();
}
