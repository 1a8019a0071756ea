import type { IncomingMessage } from 'node:http';
import type { Metrics } from '#telemetry';
import { authenticate, type Callers } from './credentials.js';
import { ProblemException } from './problem-exception.js';

/** Who may use a door: user names and the hashes of their secrets, asked at each request. */
export interface KnownCallers {
  readonly callers: () => Callers;
  readonly metrics: Pick<Metrics, 'refusedCallers'>;
}

/** The user that a request proves to come from. Throws DOOR_UNAUTHENTICATED. */
export function callerOf(request: IncomingMessage, { callers, metrics }: KnownCallers): string {
  const user = authenticate(request.headers.authorization, callers());
  if (user !== undefined) return user;
  metrics.refusedCallers.inc();
  throw new ProblemException('DOOR_UNAUTHENTICATED');
}
