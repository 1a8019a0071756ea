import type { IncomingMessage } from 'node:http';
import { CallerGone, letGo, ProblemException } from '#http';
import { type ContentReference, referredMediaType, type SubsystemId } from '#record';
import { readMediaType } from '../media-type.js';
import type { ContentStore } from './content-store.js';
import { atPace } from './pace.js';

const CONTENT_DIGEST = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/**
 * Receives the bytes of one request into the store, as they come, and gives how a record names them. Throws CONTENT_TOO_LARGE, CONTENT_FULL,
 * CONTENT_DIGEST, DOOR_MEDIA_TYPE, DOOR_PARAMETER, DOOR_FRAMING, DOOR_SLOW, and {@link CallerGone}; nothing is kept then.
 */
export async function receiveContent(
  request: IncomingMessage,
  owner: SubsystemId,
  store: Pick<ContentStore, 'put'>,
  windowMs?: number,
): Promise<ContentReference> {
  try {
    const mediaType = referredMediaType(readMediaType(request.headers['content-type'])?.essence ?? '');
    if (mediaType === undefined) throw new ProblemException('DOOR_MEDIA_TYPE');
    const expected = expectedDigest(request.headers['content-digest']);
    const announced = Number(request.headers['content-length'] ?? 0);
    const bytes = atPace(request.iterator({ destroyOnReturn: false }), windowMs === undefined ? {} : { windowMs });
    const kept = await store.put(bytes, owner, { announced, ...(expected === undefined ? {} : { expected }) });
    return { ...kept, mediaType };
  } catch (error) {
    if (request.destroyed && !request.complete) throw new CallerGone();
    letGo(request);
    throw error;
  }
}

/** RFC 9530: what the bytes must be. */
function expectedDigest(header: string | readonly string[] | undefined): Buffer | undefined {
  if (header === undefined) return undefined;
  const sent = CONTENT_DIGEST.exec(String(header))?.[1];
  if (sent !== undefined) return Buffer.from(sent, 'base64');
  throw new ProblemException('DOOR_PARAMETER', { detail: 'Content-Digest is sha-256=:<base64>: (RFC 9530)' });
}
