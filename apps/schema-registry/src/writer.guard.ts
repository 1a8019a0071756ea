import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { authenticate, type Callers } from '#http';
import type { Metrics } from '#telemetry';
import { RegistryError } from './registry-error.js';

/** The injection token of {@link WriterGuardParts}. */
export const WRITERS = Symbol('writers');

export interface WriterGuardParts {
  readonly callers: Callers;
  readonly metrics: Metrics;
}

/** Reading is open on the address that the registry binds to; writing needs a secret. */
@Injectable()
export class WriterGuard implements CanActivate {
  constructor(@Inject(WRITERS) private readonly parts: WriterGuardParts) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    if (authenticate(request.headers.authorization, this.parts.callers) !== undefined) return true;
    this.parts.metrics.refusedCallers.inc();
    throw new RegistryError(40101, 'Registering needs a user and its secret by HTTP Basic authentication.');
  }
}
