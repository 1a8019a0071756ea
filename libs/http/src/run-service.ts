import 'reflect-metadata';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { FaultError } from '#faults';
import { type AdjustableLogger, describeError, type Logger, type Metrics } from '#telemetry';
import { watchCertificates } from './certificate-expiry.js';
import { correlate } from './correlation.js';
import type { Callers } from './credentials.js';
import { doorTls } from './door-tls.js';
import { isLoopback } from './loopback.js';
import { nestLogger } from './nest-logger.js';
import { operationsModule } from './operations.controller.js';
import { ProblemFilter } from './problem.filter.js';
import type { Checks } from './readiness.js';
import { secure } from './security-headers.js';

/** What a service consists of. */
export interface ServiceOptions {
  readonly service: string;
  readonly module: Type | DynamicModule;
  readonly host: string;
  readonly port: number;
  readonly log: AdjustableLogger;
  readonly metrics: Metrics;
  readonly checks: Checks;
  /** Who may change the level of the log while it runs; nobody where absent. */
  readonly operators?: Callers;
  /** The record path, where the service has one; it starts after the HTTP door so that readiness can be watched. */
  readonly stream?: CustomTransportStrategy;
  readonly configure?: (app: INestApplication) => void;
}

/** A service that runs. `close` finishes what is in hand, leaves the consumer group and frees the port. */
export interface RunningService {
  readonly url: string;
  close(): Promise<void>;
}

const CLOSE_MILLISECONDS = 20_000;

/**
 * Starts one service: HTTP door with health, metrics and problem+json, then its stream. Bodies are not parsed, so that
 * controllers see the bytes that arrived. SIGTERM and SIGINT close it and end the process with 0; an unhandled rejection is a
 * defect and ends it with 1. Throws SETTINGS_PORT_TAKEN, and what `doorTls` throws.
 */
export async function runService(options: ServiceOptions): Promise<RunningService> {
  const { log, host, port, metrics, checks, operators = new Map() } = options;
  watchCertificates(metrics, log);
  const operations = operationsModule({ metrics, checks, log, operators });
  const tls = doorTls();
  const app = await NestFactory.create(rootOf(options.module, operations), {
    ...(tls === undefined ? {} : { httpsOptions: tls.options }),
    bodyParser: false,
    logger: nestLogger(log),
    abortOnError: false,
  });
  app.getHttpAdapter().getInstance().disable('x-powered-by');
  app.use(correlate);
  app.useGlobalFilters(new ProblemFilter(log));
  options.configure?.(app);
  (app.getHttpServer() as Server).prependListener('request', secure); // before any other way that an app opens
  if (options.stream !== undefined) app.connectMicroservice({ strategy: options.stream }, { inheritAppConfig: false });
  await listen(app, host, port);
  tls?.follow(app.getHttpServer() as TlsServer, log);
  if (tls === undefined && !isLoopback(host)) log.warn('HTTP beyond this machine without TLS: put something before it', { host });
  const url = urlOf(app.getHttpServer() as Server, host, tls === undefined ? 'http' : 'https');
  log.info('listening', { url });
  let closing: Promise<void> | undefined;
  let listenNoMore: () => void = () => undefined;
  const close = () => {
    closing ??= app.close().finally(() => listenNoMore());
    return closing;
  };
  listenNoMore = endOnSignals(log, close);
  if (options.stream !== undefined) await app.startAllMicroservices();
  log.info('started', { url });
  return { url, close };
}

/** Runs `start`; what it throws is logged as a fault with the next action, and ends the process with 1. */
export async function startOrExplain(log: Logger, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    log.error('could not start', describeError(error));
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 200); // lets the log line out; open connections must not keep a dead service alive
  }
}

function rootOf(module: Type | DynamicModule, operations: DynamicModule): Type {
  class ServiceModule {}
  Module({ imports: [module, operations] })(ServiceModule);
  return ServiceModule;
}

async function listen(app: INestApplication, host: string, port: number): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE')
      throw new FaultError('SETTINGS_PORT_TAKEN', `port ${port} on ${host}`, { cause });
    throw cause;
  }
}

function urlOf(server: Server, host: string, scheme: 'http' | 'https'): string {
  const { port } = server.address() as AddressInfo;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Gives the function that stops listening. */
function endOnSignals(log: Logger, close: () => Promise<void>): () => void {
  const end = (signal: string) => {
    log.info('stopping', { signal });
    setTimeout(() => process.exit(1), CLOSE_MILLISECONDS).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('could not stop cleanly', describeError(error));
        process.exit(1);
      },
    );
  };
  const defect = (reason: unknown) => {
    log.error('unhandled rejection', describeError(reason));
    process.exit(1);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('unhandledRejection', defect);
  return () => {
    process.off('SIGTERM', end).off('SIGINT', end).off('unhandledRejection', defect);
  };
}
