import type { ServerResponse } from 'node:http';
import { Controller, type DynamicModule, Get, Inject, Module, Res } from '@nestjs/common';
import type { AdjustableLogger, Metrics } from '#telemetry';
import type { Callers } from './credentials.js';
import { LEVEL_DESK, LogLevelController } from './log-level.controller.js';
import { type Checks, readiness } from './readiness.js';

const OPERATIONS = Symbol('operations');

interface Operations {
  readonly metrics: Metrics;
  readonly checks: Checks;
  readonly log: AdjustableLogger;
  readonly operators: Callers;
}

/** What operators and Prometheus ask every service. */
@Controller()
export class OperationsController {
  constructor(@Inject(OPERATIONS) private readonly operations: Operations) {}

  /** 200 while the process can answer at all. */
  @Get('health/live')
  live(): { status: string } {
    return { status: 'live' };
  }

  /** 200 when the service can do its work, otherwise 503; the body names each dependency. */
  @Get('health/ready')
  async ready(@Res() response: ServerResponse): Promise<void> {
    const answer = await readiness(this.operations.checks, this.operations.metrics);
    response.statusCode = answer.status === 'ready' ? 200 : 503;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  }

  /** Prometheus text format. `khidi_ready` is asked for at each scrape, so that it is never older than the scrape. */
  @Get('metrics')
  async metrics(@Res() response: ServerResponse): Promise<void> {
    const { checks, metrics } = this.operations;
    await readiness(checks, metrics);
    response.setHeader('content-type', metrics.contentType);
    response.end(await metrics.render());
  }
}

/** The module that adds the operations door to a service. */
export function operationsModule(operations: Operations): DynamicModule {
  class OperationsModule {}
  Module({})(OperationsModule);
  return {
    module: OperationsModule,
    controllers: [OperationsController, LogLevelController],
    providers: [
      { provide: OPERATIONS, useValue: operations },
      { provide: LEVEL_DESK, useValue: operations },
    ],
  };
}
