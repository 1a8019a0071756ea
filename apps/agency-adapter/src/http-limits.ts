import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { ProblemException } from '#http';
import type { Metrics } from '#telemetry';
import { DOORS, doorOf } from './door.js';
import { IDLE_MILLISECONDS } from './limits.js';

const MOST_HEADERS = 100;
const MOST_CONNECTIONS = 1000;
const HEADERS_MILLISECONDS = 10_000;

/**
 * Limits what one caller can hold: headers, silence and connections. There is no limit on the length of a whole request, since a large
 * file may take its time; a body that must be complete before it is read has its own (DOOR_SLOW). When the service stops, connections are not kept for further requests.
 * Every answer is measured.
 */
export function limitHttp(app: INestApplication, metrics: Metrics, stopping: AbortSignal): void {
  const server = app.getHttpServer() as Server;
  server.headersTimeout = HEADERS_MILLISECONDS;
  server.requestTimeout = 0;
  server.timeout = IDLE_MILLISECONDS;
  server.keepAliveTimeout = IDLE_MILLISECONDS;
  server.maxConnections = MOST_CONNECTIONS;
  server.maxHeadersCount = 0; // Node would drop headers without a word; their bytes are limited anyway
  stopping.addEventListener('abort', () => {
    server.keepAliveTimeout = 1; // those that are answered from now on; Node itself closes the idle ones
  });
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    measure(metrics, request, response);
    refuseManyHeaders(request);
    next();
  });
}

/** Throws DOOR_TOO_LARGE for a request with more headers than anybody needs. */
export function refuseManyHeaders(request: IncomingMessage): void {
  if (request.rawHeaders.length > 2 * MOST_HEADERS) {
    throw new ProblemException('DOOR_TOO_LARGE', { detail: `at most ${MOST_HEADERS} headers` });
  }
}

const ROUTES = new Set(['/v1/events', '/v1/outcomes', '/openapi.json']);
/** What follows these names types and contents, and stays out of labels. */
const BEGINNINGS = ['/v1/questions/', '/v1/contents'];

/** Counts and times the answer of a request; the way in stands in the label, never what was sent. */
export function measure(metrics: Metrics, request: IncomingMessage, response: ServerResponse): void {
  const route = routeOf(request);
  const began = performance.now();
  response.once('close', () => {
    const status = response.writableFinished ? String(response.statusCode) : 'aborted';
    metrics.requests.inc({ route, status });
    metrics.requestSeconds.observe({ route }, (performance.now() - began) / 1000);
  });
}

function routeOf(request: IncomingMessage): string {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const beginning = BEGINNINGS.find((one) => path.startsWith(one));
  if (beginning !== undefined)
    return `${request.method === 'GET' || request.method === 'POST' ? request.method : 'other'} ${beginning}`;
  if (!ROUTES.has(path)) return 'other';
  if (path !== '/v1/events' || request.method !== 'POST') return `${request.method === 'GET' ? 'GET' : 'other'} ${path}`;
  return `POST ${path} ${DOORS.find((door) => door === doorOf(request)) ?? 'other'}`;
}
