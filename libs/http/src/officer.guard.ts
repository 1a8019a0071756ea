import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Metrics } from '#telemetry';
import { Attempts } from './attempts.js';
import { authenticate, type Callers } from './credentials.js';
import { ProblemException } from './problem-exception.js';

/** The injection token of {@link Officers}. */
export const OFFICERS = Symbol('officers');

/** Who may decide: user names are persons, since two different ones are needed for what takes four eyes. */
export interface Officers {
  readonly callers: Callers;
  readonly metrics: Pick<Metrics, 'refusedCallers'>;
}

const officers = new WeakMap<IncomingMessage, string>();

/** The person who asks. Only routes behind {@link OfficerGuard} may ask. */
export function officerOf(request: IncomingMessage): string {
  const officer = officers.get(request);
  if (officer === undefined) throw new ProblemException('DOOR_UNAUTHENTICATED');
  return officer;
}

/**
 * Lets only officers in. Wrong attempts from one address are counted; beyond a limit they are answered DOOR_THROTTLED. The right secret
 * always gets in.
 */
@Injectable()
export class OfficerGuard implements CanActivate {
  private readonly attempts = new Attempts();

  constructor(@Inject(OFFICERS) private readonly parts: Officers) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const officer = authenticate(request.headers.authorization, this.parts.callers);
    if (officer === undefined) {
      this.parts.metrics.refusedCallers.inc();
      const tooMany = this.attempts.failed(request.socket.remoteAddress ?? '', Date.now());
      throw new ProblemException(tooMany ? 'DOOR_THROTTLED' : 'DOOR_UNAUTHENTICATED');
    }
    officers.set(request, officer);
    return true;
  }
}
