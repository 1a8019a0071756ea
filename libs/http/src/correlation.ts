import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const HEADER = 'x-correlation-id';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ids = new WeakMap<IncomingMessage, string>();

/** The id that ties an answer to our logs: the caller's `x-correlation-id` where it is a UUID, otherwise a new one. */
export function correlationId(request: IncomingMessage): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const sent = request.headers[HEADER];
  const id = typeof sent === 'string' && UUID.test(sent) ? sent : randomUUID();
  ids.set(request, id);
  return id;
}

/** Middleware that tells the caller the correlation id of every answer. */
export function correlate(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  response.setHeader(HEADER, correlationId(request));
  next();
}
