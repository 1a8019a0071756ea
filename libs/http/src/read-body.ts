import type { IncomingMessage } from 'node:http';
import { ProblemException } from './problem-exception.js';

/** How long one body may take to arrive, in milliseconds. */
const BODY_MILLISECONDS = 30_000;

/** The request was cut off by the caller; nobody waits for an answer. */
export class CallerGone extends Error {}

/**
 * All bytes of a body, exactly as they arrived. Throws DOOR_TOO_LARGE as soon as there are more than `limit`, DOOR_SLOW where they
 * do not arrive in time, and {@link CallerGone}.
 */
export function readBody(request: IncomingMessage, limit: number, milliseconds = BODY_MILLISECONDS): Promise<Buffer> {
  const tooLarge = () => new ProblemException('DOOR_TOO_LARGE', { detail: `at most ${limit} bytes` });
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const settle = (act: () => void) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      act();
    };
    const onData = (part: Buffer) => {
      length += part.length;
      if (length > limit) settle(() => reject(tooLarge()));
      else parts.push(part);
    };
    const onEnd = () =>
      settle(() => resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length)));
    const onClose = () => settle(() => reject(new CallerGone()));
    const timer = setTimeout(() => settle(() => reject(new ProblemException('DOOR_SLOW'))), milliseconds);
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/** How long the rest of a refused body may take to arrive before the connection is cut, in milliseconds. */
const DRAIN_MILLISECONDS = 10_000;

/** Reads the rest of a body and throws it away: a caller that is still sending cannot read the answer before it has finished. */
export function letGo(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), DRAIN_MILLISECONDS);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
}
