import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { FaultError } from '#faults';
import { correlationId } from '#http';
import { describeError, type Logger } from '#telemetry';

/** The error codes of Confluent's API that this registry gives, with their HTTP statuses. */
const STATUS = {
  40101: 401,
  40401: 404,
  40402: 404,
  40403: 404,
  41301: 413,
  42201: 422,
  42202: 422,
  42208: 422,
  50001: 500,
  50301: 503,
} as const;

type RegistryErrorCode = keyof typeof STATUS;

/** Answered as `{"error_code": …, "message": …}`, as every client of Confluent's API expects. */
export class RegistryError extends Error {
  constructor(
    readonly code: RegistryErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'RegistryError';
  }
}

/** The injection token of the service's logger. */
export const LOG = Symbol('log');

/** Turns what the controllers throw into Confluent's error bodies. */
@Catch()
export class RegistryErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const error = this.asRegistryError(thrown, host.switchToHttp().getRequest<IncomingMessage>());
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.statusCode = STATUS[error.code];
    if (error.code === 40101) response.setHeader('www-authenticate', 'Basic realm="khidi", charset="UTF-8"');
    if (error.code === 50301) response.setHeader('retry-after', '2');
    response.setHeader('content-type', REGISTRY_JSON);
    response.end(JSON.stringify({ error_code: error.code, message: error.message }));
  }

  private asRegistryError(thrown: unknown, request: IncomingMessage): RegistryError {
    if (thrown instanceof RegistryError) return thrown;
    const correlation = correlationId(request);
    this.log.error('request failed', { correlation, ...describeError(thrown) });
    if (thrown instanceof FaultError && thrown.code === 'STREAM_UNAVAILABLE') {
      return new RegistryError(
        50301,
        'Kafka does not answer; nothing was registered as far as we know. Repeat the same request.',
      );
    }
    return new RegistryError(50001, `The registry failed; report the correlation id ${correlation}.`);
  }
}

/** The content type of Confluent's API; it is answered whatever the request accepted, since every client reads it. */
export const REGISTRY_JSON = 'application/vnd.schemaregistry.v1+json';
