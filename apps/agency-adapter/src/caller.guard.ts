import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ProblemException } from '#http';
import type { Caller } from './door-event.js';
import { PARTS, type Parts } from './parts.js';

const callers = new WeakMap<IncomingMessage, Caller>();

/** Who calls. Only routes behind {@link CallerGuard} may ask. */
export function callerOf(request: IncomingMessage): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new ProblemException('DOOR_UNAUTHENTICATED');
  return caller;
}

/** Puts the {@link CallerGate} before the routes of a controller. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    callers.set(request, this.parts.gate.identify(request, http.getResponse<ServerResponse>()));
    return true;
  }
}
