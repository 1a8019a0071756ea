import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { authenticate, type Callers, checkSecret } from '#http';
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
    const { authorization } = request.headers;
    if (authenticate(authorization, this.parts.callers) !== undefined || bearsSecret(authorization, this.parts.callers))
      return true;
    this.parts.metrics.refusedCallers.inc();
    throw new RegistryError(40101, 'Registering needs a secret: HTTP Basic authentication with its user, or as a bearer token.');
  }
}

/** Clients that know only tokens send the secret alone. All hashes are compared, so that the time tells nothing. */
function bearsSecret(authorization: string | undefined, callers: Callers): boolean {
  const token = /^Bearer +(\S{1,200})$/i.exec(authorization ?? '')?.[1] ?? '';
  const hashes = [...callers.values()].flat();
  return hashes.filter((hash) => checkSecret(token, hash)).length > 0;
}
