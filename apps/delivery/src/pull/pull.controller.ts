import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Delete, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { callerOf, type KnownCallers, ProblemException, readQuery, readWhole, wrong } from '#http';
import { type MemberId, recordType, subsystemId } from '#record';
import type { LaneName } from '../steps/rule.js';
import type { PullDesk } from './pull-desk.js';
import type { Subscriptions } from './subscriptions.js';

/** The injection token of {@link PullDoor}. */
export const PULL_DOOR = Symbol('pull door');

/** What the door for fetching takes: its desk, and the subsystems that may call. */
export interface PullDoor extends KnownCallers {
  readonly desk: PullDesk;
  readonly subscriptions: Subscriptions;
  readonly now: () => Date;
  /** Whose room this is for GovStack's clients. */
  readonly operator: MemberId;
}

const MOST_WAIT_SECONDS = 60;
const MOST_DELIVERIES = 500;
const DEFAULT_DELIVERIES = 100;

/** Where a consumer fetches its deliveries and says that they arrived. It calls with the id and the secret of its subsystem. */
@Controller('v1/deliveries')
export class PullController {
  constructor(@Inject(PULL_DOOR) private readonly door: PullDoor) {}

  /** `after` (a cursor), `max`, `wait` (seconds until an empty page is the answer). Without `after`: behind what was acknowledged. */
  @Get(':type')
  async page(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Param('type') type: string): Promise<void> {
    const lane = this.laneOf(request, type);
    const { after, ...sent } = readQuery(request, ['after', 'max', 'wait']);
    const max = readWhole('max', sent.max, 1, MOST_DELIVERIES, DEFAULT_DELIVERIES);
    const waitMs = readWhole('wait', sent.wait, 0, MOST_WAIT_SECONDS, 0) * 1000;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const query = { max, waitMs, ...(after === undefined ? {} : { after }) };
    const page = await this.door.desk.page(lane, query, gone.signal);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(page));
  }

  /** Acknowledges everything before the cursor `through`. */
  @Delete(':type')
  async acknowledge(
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
    @Param('type') type: string,
  ): Promise<void> {
    const lane = this.laneOf(request, type);
    const { through } = readQuery(request, ['through']);
    if (through === undefined) throw wrong('through is the cursor behind the last delivery that arrived');
    await this.door.desk.acknowledge(lane, through);
    response.writeHead(204).end();
  }

  private laneOf(request: IncomingMessage, type: string): LaneName {
    const consumer = subsystemId(callerOf(request, this.door));
    const known = recordType(type);
    if (consumer === undefined) throw new ProblemException('DOOR_FORBIDDEN');
    if (known === undefined) throw new ProblemException('DOOR_NOT_FOUND');
    return { consumer, type: known };
  }
}
