import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Inject, Put, Req, Res } from '@nestjs/common';
import { type AdjustableLogger, LOG_LEVELS, type Metrics } from '#telemetry';
import { authenticate, type Callers } from './credentials.js';
import { ProblemException } from './problem-exception.js';
import { readBody } from './read-body.js';

/** The injection token of {@link LevelDesk}. */
export const LEVEL_DESK = Symbol('level desk');

/** What is changed, and who may change it. */
export interface LevelDesk {
  readonly log: AdjustableLogger;
  readonly operators: Callers;
  readonly metrics: Pick<Metrics, 'refusedCallers'>;
}

const BODY_BYTES = 1024;
const MOST_MINUTES = 24 * 60;

/** How much a running service logs, for its operators only; every change is logged with who made it. */
@Controller('operations/log-level')
export class LogLevelController {
  constructor(@Inject(LEVEL_DESK) private readonly desk: LevelDesk) {}

  /** `{"level":"info"}`. */
  @Get()
  level(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    this.operatorOf(request);
    this.answer(response);
  }

  /** Takes `{"level":"debug","minutes":15}`; after that time the level of the start comes back by itself. DOOR_PARAMETER. */
  @Put()
  async change(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const operator = this.operatorOf(request);
    const { level, minutes } = readChange(await readBody(request, BODY_BYTES));
    this.desk.log.control.change(level, minutes * 60);
    this.desk.log.warn('log level changed', { subject: operator, label: level, secondsLeft: minutes * 60 });
    this.answer(response);
  }

  private answer(response: ServerResponse): void {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ level: this.desk.log.control.level() }));
  }

  private operatorOf({ headers }: IncomingMessage): string {
    const operator = authenticate(headers.authorization, this.desk.operators);
    if (operator !== undefined) return operator;
    this.desk.metrics.refusedCallers.inc();
    throw new ProblemException('DOOR_UNAUTHENTICATED');
  }
}

function readChange(body: Buffer): { readonly level: (typeof LOG_LEVELS)[number]; readonly minutes: number } {
  const { level: asked, minutes = 15 } = parsed(body);
  const level = LOG_LEVELS.find((known) => known === asked);
  if (level === undefined) throw new ProblemException('DOOR_PARAMETER', { detail: `level is one of ${LOG_LEVELS.join(', ')}` });
  if (typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES)
    throw new ProblemException('DOOR_PARAMETER', { detail: `minutes is a whole number from 1 to ${MOST_MINUTES}` });
  return { level, minutes };
}

function parsed(body: Buffer): { readonly level?: unknown; readonly minutes?: unknown } {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // not JSON: it names no level
  }
}
