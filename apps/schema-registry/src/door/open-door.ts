import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { FaultError } from '#faults';
import { correlationId, isLoopback } from '#http';
import { describeError, type Logger, type Metrics } from '#telemetry';
import type { Registry } from '../registry.js';
import { RegistryError } from '../registry-error.js';
import { MAX_BODY_BYTES } from '../steps/register-request.js';
import type { Access } from './access.js';
import { PLAIN_JSON, REGISTRY_JSON, type Reply } from './answers.js';
import { Call } from './call.js';
import { findRoute } from './find-route.js';
import { type KnownAnswer, KnownAnswers } from './known-answers.js';
import { discard, readWhole } from './read-whole.js';
import type { Route } from './route.js';

/** What the door needs besides the registry itself. */
export interface DoorParts {
  readonly registry: Registry;
  readonly access: Access;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Answers only requests that name this machine: a page in a browser must not reach an open registry under another name. */
  readonly loopbackOnly: boolean;
}

const OTHERS = /^\/(health\/|metrics$)/;
const BODY_TYPES = /^application\/(json|octet-stream|vnd\.schemaregistry(\.v1)?\+json)[ \t]*(;|$)/i;
const NOTHING = Buffer.alloc(0);
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const MOST_CONNECTIONS = 2000;

/**
 * Answers Confluent's API by the table of routes, before Express and Nest's router, which would cost more CPU than a read (measured in
 * `npm run bench -- --only registry`). Health and metrics go the ordinary way.
 */
export function openDoor(app: INestApplication, parts: DoorParts): void {
  const server = app.getHttpServer() as Server;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.maxConnections = MOST_CONNECTIONS;
  const answers = new KnownAnswers(parts.registry.store);
  const ordinary = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (OTHERS.test(request.url ?? '')) for (const listener of ordinary) listener(request, response);
    else void answer(parts, answers, request, response);
  });
}

async function answer(
  parts: DoorParts,
  answers: KnownAnswers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const began = performance.now();
  let label = 'other';
  try {
    const known = lastingAnswer(parts, answers, request);
    if (known !== undefined) {
      label = known.label;
      write(request, response, 200, known.payload);
    } else {
      const { pathname, query } = split(request.url ?? '/');
      const { route, segments } = findRoute(request.method ?? '', pathname);
      label = `${route.method} /${route.path.join('/')}`;
      await reply(parts, answers, { route, segments, query, label }, request, response);
    }
  } catch (error) {
    refuse(parts, request, response, error);
  }
  parts.metrics.requests.inc({ route: label, status: String(response.statusCode) });
  parts.metrics.requestSeconds.observe({ route: label }, (performance.now() - began) / 1000);
}

/** What never changes needs neither a look at Kafka nor the table of routes. */
function lastingAnswer(
  { access, loopbackOnly }: DoorParts,
  answers: KnownAnswers,
  request: IncomingMessage,
): KnownAnswer | undefined {
  if (request.method !== 'GET') return undefined;
  const known = answers.get(request.url ?? '');
  if (known === undefined) return undefined;
  if (loopbackOnly) refuseOtherNames(request);
  access.identify(request.headers.authorization, ['reader', 'developer', 'approver', 'administrator'], false, addressOf(request));
  return known;
}

interface Asked {
  readonly route: Route;
  readonly segments: readonly string[];
  readonly query: string;
  readonly label: string;
}

async function reply(
  { registry, access, loopbackOnly }: DoorParts,
  answers: KnownAnswers,
  { route, segments, query, label }: Asked,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (loopbackOnly) refuseOtherNames(request);
  const caller = access.identify(request.headers.authorization, route.roles, route.writes, addressOf(request));
  const bytes = route.method === 'POST' || route.method === 'PUT' ? await bodyOf(request) : NOTHING;
  if (route.fresh === 'now') await registry.store.fresh();
  // Only what is asked without a body and never changes is found by its address alone.
  const key = route.fresh === 'lasting' ? (request.url ?? '') : `${route.method} ${request.url} ${bytes.toString('latin1')}`;
  const known = route.repeatable ? answers.get(key) : undefined;
  if (known !== undefined) {
    write(request, response, 200, known.payload);
    return;
  }
  const { revision } = registry.store;
  const { status = 200, ...body } = await handled(registry, route, new Call(segments, new URLSearchParams(query), bytes, caller));
  const payload = encoded(body);
  if (route.repeatable && status === 200) answers.keep(key, { payload, label }, revision);
  write(request, response, status, payload);
}

async function handled(registry: Registry, route: Route, call: Call): Promise<Reply> {
  if (route.fresh !== 'lasting') return route.handle(registry, call);
  try {
    return await route.handle(registry, call);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status !== 404) throw error;
    await registry.store.fresh(); // it may have been registered at another instance a moment ago
    return route.handle(registry, call);
  }
}

const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? '';

function refuseOtherNames({ headers }: IncomingMessage): void {
  if (isLoopback((headers.host ?? '').replace(/:[0-9]+$/, ''))) return;
  throw new RegistryError(40301, 'This registry is open, and therefore only answers to the names of this machine.');
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const type = request.headers['content-type'];
  if (type !== undefined && !BODY_TYPES.test(type))
    throw new RegistryError(415, `HTTP 415: send ${REGISTRY_JSON} or ${PLAIN_JSON}.`);
  const bytes = await readWhole(request, MAX_BODY_BYTES);
  if (bytes === undefined) throw new RegistryError(42209, `A request has at most ${MAX_BODY_BYTES} bytes.`);
  return bytes;
}

const encoded = ({ body, text }: Reply): Buffer => Buffer.from(text ?? (body === undefined ? '' : JSON.stringify(body)));

function write(request: IncomingMessage, response: ServerResponse, status: number, payload: Buffer): void {
  const headers = {
    'content-type': contentType(request),
    'content-length': payload.length,
    'x-correlation-id': correlationId(request),
  };
  response.writeHead(status, headers).end(payload);
}

function refuse({ log }: DoorParts, request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || (request.destroyed && !request.complete)) {
    response.destroy();
    return;
  }
  const error = asRegistryError(thrown, log, request);
  if (error.code === 40101) response.setHeader('www-authenticate', 'Basic realm="khidi", charset="UTF-8"');
  if (error.status === 503) response.setHeader('retry-after', '2');
  if (!request.complete) {
    response.setHeader('connection', 'close');
    discard(request);
  }
  write(request, response, error.status, encoded({ body: { error_code: error.code, message: error.message } }));
}

function asRegistryError(thrown: unknown, log: Logger, request: IncomingMessage): RegistryError {
  if (thrown instanceof RegistryError) return thrown;
  if (thrown instanceof FaultError && thrown.code === 'STREAM_UNAVAILABLE') {
    return new RegistryError(50301, 'Kafka does not answer; nothing was changed as far as we know. Repeat the same request.');
  }
  const correlation = correlationId(request);
  log.error('request failed', { correlation, ...describeError(thrown) });
  return new RegistryError(50001, `The registry failed; report the correlation id ${correlation}.`);
}

/** Confluent's own type, unless the caller understands only plain JSON. */
function contentType({ headers }: IncomingMessage): string {
  const { accept } = headers;
  return accept?.includes(PLAIN_JSON) === true && !accept.includes('schemaregistry') ? PLAIN_JSON : REGISTRY_JSON;
}

function split(url: string): { pathname: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { pathname: url, query: '' } : { pathname: url.slice(0, mark), query: url.slice(mark + 1) };
}
