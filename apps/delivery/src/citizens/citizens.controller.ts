import type { IncomingMessage } from 'node:http';
import { Controller, Get, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { type Callers, callerAmong, readBody, readQuery } from '#http';
import type { Metrics } from '#telemetry';
import type { CitizenDesk } from './citizen-desk.js';
import { MEMBERS, readCode, readUsageBody, readUsageQuestion, type SentMembers } from './read-usage-question.js';

/** The injection token of {@link CitizenDoor}. */
export const CITIZEN_DOOR = Symbol('citizen door');

/** What the door takes: the desk, the operators and the portals that may call. */
export interface CitizenDoor {
  readonly desk: CitizenDesk;
  readonly operators: () => Callers;
  /** Services that have proved who a citizen is, and ask for that person. */
  readonly portals: () => Callers;
  readonly metrics: Pick<Metrics, 'refusedCallers' | 'usageAsked'>;
}

const MAX_BODY = 8 * 1024;

/**
 * Who received my data: the contract of Estonia's Data Tracker (e-gov/AJ, dumonitor-openapi.yaml 2.1.0), for all registries at once. `POST` takes
 * the same as JSON, so that no code of a person stands in an address, which proxies write to their logs.
 */
@Controller('v2')
export class CitizensController {
  constructor(@Inject(CITIZEN_DOOR) private readonly door: CitizenDoor) {}

  @Get('findUsage')
  @Header('cache-control', 'no-store')
  find(@Req() request: IncomingMessage) {
    return this.answer(request, () => readQuery(request, MEMBERS));
  }

  @Post('findUsage')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  findByBody(@Req() request: IncomingMessage) {
    return this.answer(request, async () => readUsageBody(await readBody(request, MAX_BODY)));
  }

  @Get('usagePeriod')
  usagePeriod(@Req() request: IncomingMessage) {
    this.callerOf(request);
    return this.door.desk.usagePeriod();
  }

  @Get('heartbeat')
  heartbeat(@Req() request: IncomingMessage) {
    this.callerOf(request);
    return this.door.desk.heartbeat();
  }

  private async answer(request: IncomingMessage, read: () => SentMembers | Promise<SentMembers>) {
    const { user, kind } = this.callerOf(request);
    const header = request.headers['x-road-userid'];
    const sent = typeof header === 'string' ? header : undefined;
    const asker = kind === 'portal' || sent !== undefined ? readCode('X-Road-UserId', sent) : undefined;
    const question = readUsageQuestion(await read());
    this.door.metrics.usageAsked.inc({ asker: kind });
    return this.door.desk.findUsage({ ...question, by: user, ...(asker === undefined ? {} : { asker }) });
  }

  private callerOf(request: IncomingMessage) {
    const { portals, operators, metrics } = this.door;
    const kinds = [
      ['portal', portals],
      ['operator', operators],
    ] as const;
    return callerAmong(request, kinds, metrics);
  }
}
