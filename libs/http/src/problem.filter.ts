import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { FAULTS, type FaultCode, FaultError, type Problem, problem } from '#faults';
import { describeError, type Logger } from '#telemetry';
import { correlationId } from './correlation.js';
import { ProblemException } from './problem-exception.js';
import { QuotaExceeded } from './rate-limit.js';
import { CallerGone } from './read-body.js';

/** Answers everything that a controller throws as problem+json (RFC 9457). Unknown exceptions say nothing about their cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') return; // the record path catches before Nest does
    if (thrown instanceof CallerGone) return; // nobody waits for an answer
    const request = host.switchToHttp().getRequest<IncomingMessage>();
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const instance = `urn:uuid:${correlationId(request)}`;
    const code = codeOf(thrown);
    if (code === 'DOOR_INTERNAL') this.log.error('request failed', { correlation: instance, ...describeError(thrown) });
    for (const [name, value] of Object.entries(headersOf(thrown))) if (!response.headersSent) response.setHeader(name, value);
    const { detail, errors } = thrown instanceof ProblemException ? thrown.more : {};
    sendProblem(
      response,
      problem(code, { instance, ...(detail === undefined ? {} : { detail }), ...(errors === undefined ? {} : { errors }) }),
    );
  }
}

/** Writes a problem document; where the answer has begun already, the connection is cut so that nobody takes it for whole. */
export function sendProblem(response: ServerResponse, document: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (FAULTS[document.code].retry && !response.hasHeader('retry-after')) response.setHeader('retry-after', '2');
  if (document.status === 401) response.setHeader('www-authenticate', 'Basic realm="khidi", charset="UTF-8"');
  response.statusCode = document.status;
  response.setHeader('content-type', 'application/problem+json');
  response.end(JSON.stringify(document));
}

function headersOf(thrown: unknown): Readonly<Record<string, string>> {
  if (thrown instanceof QuotaExceeded) return thrown.headers;
  return thrown instanceof ProblemException ? (thrown.more.headers ?? {}) : {};
}

function codeOf(thrown: unknown): FaultCode {
  if (thrown instanceof ProblemException || thrown instanceof FaultError) return thrown.code;
  if (thrown instanceof HttpException) {
    switch (thrown.getStatus()) {
      case 404:
        return 'DOOR_NOT_FOUND';
      case 405:
        return 'DOOR_METHOD';
      case 413:
        return 'DOOR_TOO_LARGE';
      case 415:
        return 'DOOR_MEDIA_TYPE';
      case 400:
        return 'DOOR_PARAMETER';
      default:
        return 'DOOR_INTERNAL';
    }
  }
  return 'DOOR_INTERNAL';
}
