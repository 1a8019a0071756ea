import type { IncomingMessage } from 'node:http';
import { ProblemException } from '#http';
import { CONTENT_TYPE } from '#record';
import { readMediaType } from './media-type.js';
import { isBinaryMode } from './steps/binary-event.js';

/** The ways in, by content type. */
export const DOORS = ['binary', 'structured', 'batch', 'ndjson', 'csv'] as const;
export type Door = (typeof DOORS)[number];

export const NDJSON = 'application/x-ndjson';
export const CSV = 'text/csv';

/** The door that a request knocks at, or undefined where its content type is none of ours. */
export function doorOf(request: IncomingMessage): Door | undefined {
  const media = readMediaType(request.headers['content-type']);
  if (media === undefined || (media.charset !== undefined && media.charset !== 'utf-8' && media.charset !== 'us-ascii'))
    return undefined;
  switch (media.essence) {
    case CONTENT_TYPE.json:
      return 'binary';
    case CONTENT_TYPE.structured:
      return 'structured';
    case CONTENT_TYPE.batch:
      return 'batch';
    case NDJSON:
      return 'ndjson';
    case CSV:
      return 'csv';
    default:
      return undefined;
  }
}

/** {@link doorOf}, or the fault: DOOR_MEDIA_TYPE, and DOOR_FRAMING for JSON that is not an event in binary mode. */
export function requireDoor(request: IncomingMessage): Door {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const door = encoding.toLowerCase() === 'identity' ? doorOf(request) : undefined;
  if (door === undefined) throw new ProblemException('DOOR_MEDIA_TYPE');
  if (door === 'binary' && !isBinaryMode(request.headers)) {
    throw new ProblemException('DOOR_FRAMING', { detail: `send ce-* headers, or ${CONTENT_TYPE.structured}, or ${NDJSON}` });
  }
  return door;
}
