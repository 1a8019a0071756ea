import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { authenticate, ProblemException } from '#http';
import { type RecordType, type SubsystemId, subsystemId } from '#record';
import { Attempts } from './attempts.js';
import type { Caller } from './door-event.js';
import { PARTS, type Parts } from './parts.js';

const callers = new WeakMap<IncomingMessage, Caller>();

/** Who calls. Only routes behind {@link CallerGuard} may ask. */
export function callerOf(request: IncomingMessage): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new ProblemException('DOOR_UNAUTHENTICATED');
  return caller;
}

/**
 * Lets nobody through without the secret of a subsystem (DOOR_UNAUTHENTICATED). Wrong attempts from one address are counted; beyond a
 * limit they are answered DOOR_THROTTLED. Right credentials always get in, so that nobody can lock an agency out.
 */
@Injectable()
export class CallerGuard implements CanActivate {
  private readonly attempts = new Attempts();
  private readonly publishes: ReadonlySet<RecordType>;

  constructor(@Inject(PARTS) private readonly parts: Parts) {
    this.publishes = new Set(parts.member.publishes);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const user = authenticate(request.headers.authorization, this.parts.callers);
    const subsystem = user === undefined ? undefined : subsystemId(`${this.parts.member.id}/${user}`);
    if (subsystem === undefined) throw this.refusal(request, context.switchToHttp().getResponse<ServerResponse>());
    callers.set(request, this.callerFor(subsystem));
    return true;
  }

  private callerFor(subsystem: SubsystemId): Caller {
    return { subsystem, source: `/${subsystem}`, publishes: this.publishes };
  }

  private refusal(request: IncomingMessage, response: ServerResponse): ProblemException {
    this.parts.metrics.refusedCallers.inc();
    const tooMany = this.attempts.failed(request.socket.remoteAddress ?? '', this.parts.now().getTime());
    response.setHeader('connection', 'close'); // a body that nobody asked for is not read to its end
    return tooMany ? new ProblemException('DOOR_THROTTLED') : new ProblemException('DOOR_UNAUTHENTICATED');
  }
}
