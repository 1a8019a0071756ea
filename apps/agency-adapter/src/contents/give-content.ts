import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ContentPermit } from '#envelope';
import { FaultError } from '#faults';
import type { FewAtOnce } from '#http';
import type { ContentUrn } from '#record';
import { describeError } from '#telemetry';
import type { ContentDoor } from './content-door.js';
import { atPace } from './pace.js';
import { startOf } from './range.js';

/**
 * Gives a content, or what a broken fetch lacks of it, to whoever brings a permit for it. Throws CONTENT_PERMIT, and to who has one only
 * CONTENT_UNKNOWN, and DOOR_UNAVAILABLE where the consumer takes too many at once: a slow one keeps no other from its contents.
 */
export async function giveContent(
  door: ContentDoor,
  toOne: FewAtOnce,
  request: IncomingMessage,
  response: ServerResponse,
  content: ContentUrn,
): Promise<void> {
  const permit = await door.permits.spend(request.headers.authorization, content);
  await toOne.run(permit.consumer, () => give(door, permit, request, response, content));
}

/** An answer that cannot be ended is cut off: its length says that it is not whole. */
async function give(
  { store, log, metrics, windowMs }: ContentDoor,
  { consumer, agreement, envelope }: ContentPermit,
  { headers }: IncomingMessage,
  response: ServerResponse,
  content: ContentUrn,
): Promise<void> {
  const found = store.read(content);
  if (found === undefined) throw new FaultError('CONTENT_UNKNOWN');
  const { size } = found;
  const etag = `"${content}"`;
  const from = startOf(headers, size, etag);
  response.writeHead(from === 0 ? 200 : 206, {
    'content-type': 'application/octet-stream', // what it is says the sealed record, and nobody is to open it here
    'content-length': size - from,
    ...(from === 0 ? { 'accept-ranges': 'bytes' } : { 'content-range': `bytes ${from}-${size - 1}/${size}` }),
    'content-disposition': 'attachment',
    etag,
    'cache-control': 'no-store',
  });
  const bytes = atPace(found.bytes(from), { ...(windowMs === undefined ? {} : { windowMs }), onSlow: () => response.destroy() });
  const told = { consumer, agreement, jti: envelope.jti };
  try {
    await pipeline(Readable.from(bytes, { objectMode: false, highWaterMark: 1 }), response);
    metrics.contentsGiven.inc({ result: 'given' });
    log.info('content given', { ...told, bytes: size - from });
  } catch (error) {
    response.destroy();
    const isDamaged = error instanceof RangeError;
    metrics.contentsGiven.inc({ result: isDamaged ? 'damaged' : 'broken-off' });
    if (isDamaged) log.error('a content is not what was written: restore it, or have it sent again', describeError(error));
    else log.info('content not given to its end', told);
  }
}
