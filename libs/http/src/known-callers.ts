import type { IncomingMessage } from 'node:http';
import type { Metrics } from '#telemetry';
import { authenticate, type Callers } from './credentials.js';
import { ProblemException } from './problem-exception.js';

type Refusals = Pick<Metrics, 'refusedCallers'>;

/** Who may use a door: user names and the hashes of their secrets, asked at each request. */
export interface KnownCallers {
  readonly callers: () => Callers;
  readonly metrics: Refusals;
}

/** The user that a request proves to come from. Throws DOOR_UNAUTHENTICATED. */
export function callerOf(request: IncomingMessage, { callers, metrics }: KnownCallers): string {
  return callerAmong(request, [['callers', callers]], metrics).user;
}

/** The same where several kinds of callers may use a door: the first kind, in their order, that knows the user. Throws DOOR_UNAUTHENTICATED. */
export function callerAmong<Kind extends string>(
  { headers }: IncomingMessage,
  kinds: readonly (readonly [Kind, () => Callers])[],
  metrics: Refusals,
): { readonly kind: Kind; readonly user: string } {
  for (const [kind, callers] of kinds) {
    const user = authenticate(headers.authorization, callers());
    if (user !== undefined) return { kind, user };
  }
  metrics.refusedCallers.inc();
  throw new ProblemException('DOOR_UNAUTHENTICATED');
}
