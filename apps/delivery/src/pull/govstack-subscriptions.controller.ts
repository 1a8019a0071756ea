import type { IncomingMessage } from 'node:http';
import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { parseStrict } from '#canonical';
import { readBody, wrong } from '#http';
import type { LaneName } from '../steps/rule.js';
import { PULL_DOOR, type PullDoor } from './pull.controller.js';
import { partsOf, type RoomPath, roomLane, visitorOf } from './room.js';
import type { Subscription, Wanted } from './subscriptions.js';

const MAX_BODY = 8 * 1024;
const LONGEST_TTL = 30 * 24 * 3600;

/** The subscriptions of GovStack's Pub/Sub contract (Information Mediator 2.0): PUSH or PULL, TTL in seconds, FIFO. */
@Controller('r1/:instanceId/:memberClass/:memberCode/:applicationCode/api/v1/subs')
export class GovStackSubscriptionsController {
  constructor(@Inject(PULL_DOOR) private readonly door: PullDoor) {}

  @Get()
  list(@Req() request: IncomingMessage, @Param() path: RoomPath) {
    return this.door.subscriptions.list(visitorOf(request, path, this.door)).map((one) => itemOf(one.name, one));
  }

  @Get(':eventType')
  show(@Req() request: IncomingMessage, @Param() path: RoomPath) {
    const lane = roomLane(request, path, this.door);
    return itemOf(lane, this.door.subscriptions.existing(lane));
  }

  @Post(':eventType')
  @HttpCode(200)
  async add(@Req() request: IncomingMessage, @Param() path: RoomPath) {
    const lane = roomLane(request, path, this.door);
    return itemOf(lane, await this.door.subscriptions.add(lane, await wantedOf(request, lane)));
  }

  @Patch(':eventType')
  @HttpCode(201)
  async change(@Req() request: IncomingMessage, @Param() path: RoomPath) {
    const lane = roomLane(request, path, this.door);
    return itemOf(lane, await this.door.subscriptions.change(lane, await wantedOf(request, lane)));
  }

  @Delete(':eventType')
  @HttpCode(204)
  async cancel(@Req() request: IncomingMessage, @Param() path: RoomPath): Promise<void> {
    await this.door.subscriptions.cancel(roomLane(request, path, this.door));
  }
}

function itemOf({ consumer, type }: LaneName, { id, delivery, ttl, fifo }: Subscription) {
  return { id, subscriberId: partsOf(consumer), eventType: type, delivery, options: { TTL: ttl, FIFO: fifo } };
}

/** What a SubscriptionItem chooses; its `eventType` must be that of the path. Throws DOOR_PARAMETER. */
async function wantedOf(request: IncomingMessage, { type }: LaneName): Promise<Wanted> {
  const parsed = parseStrict(await readBody(request, MAX_BODY));
  const { eventType, delivery, options } = Object(parsed.ok ? parsed.value : undefined) as Record<string, unknown>;
  const { TTL: ttl, FIFO: fifo } = Object(options) as Record<string, unknown>;
  if (eventType !== type) throw wrong('eventType is the one of the address');
  if (delivery !== undefined && delivery !== 'PUSH' && delivery !== 'PULL') throw wrong('delivery is PUSH or PULL');
  if (ttl !== undefined && !(Number.isSafeInteger(ttl) && Number(ttl) >= 1 && Number(ttl) <= LONGEST_TTL))
    throw wrong(`TTL is a whole number of seconds from 1 to ${LONGEST_TTL}`);
  if (fifo !== undefined && typeof fifo !== 'boolean') throw wrong('FIFO is true or false');
  return {
    ...(delivery === undefined ? {} : { delivery }),
    ...(ttl === undefined ? {} : { ttl: Number(ttl) }),
    ...(fifo === undefined ? {} : { fifo }),
  };
}
