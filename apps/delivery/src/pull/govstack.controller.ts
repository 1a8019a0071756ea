import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Delete, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ProblemException } from '#http';
import type { LaneName } from '../steps/rule.js';
import { PULL_DOOR, type PullDoor } from './pull.controller.js';
import type { PulledDelivery } from './pull-desk.js';
import { partsOf, type RoomPath, roomLane } from './room.js';

/** How many are looked at together where some have outlived their TTL. */
const AT_ONCE = 50;

/**
 * The part of GovStack's Pub/Sub contract (Information Mediator 2.0) by which a subscriber fetches: the next event that is not acknowledged, one
 * after another, and its acknowledgement. An event type is a record type, and `event` holds the envelope. Who calls is proved by the
 * secret of the subsystem; `X-GovStack-Client` must name the same one.
 */
@Controller('r1/:instanceId/:memberClass/:memberCode/:applicationCode/pull/v1/:eventType')
export class GovStackController {
  constructor(@Inject(PULL_DOOR) private readonly door: PullDoor) {}

  @Get()
  async next(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Param() path: RoomPath): Promise<void> {
    const lane = roomLane(request, path, this.door);
    const delivery = await this.nextOf(lane);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(eventItem(lane, delivery)));
  }

  @Delete(':eventId')
  async confirm(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Param() path: RoomPath): Promise<void> {
    const lane = roomLane(request, path, this.door);
    const delivery = await this.nextOf(lane);
    if (idOf(lane, delivery) !== path.eventId) throw new ProblemException('DOOR_NOT_FOUND');
    await this.door.desk.acknowledge(lane, delivery.cursor);
    response.writeHead(204).end();
  }

  /** The next one that has not outlived the subscription's TTL; those that have count as acknowledged from now on. */
  private async nextOf(lane: LaneName): Promise<PulledDelivery> {
    const { desk, subscriptions } = this.door;
    const chosen = subscriptions.of(lane);
    if (chosen === 'cancelled') throw new ProblemException('DOOR_NOT_FOUND', { detail: 'no subscription' });
    for (;;) {
      const { deliveries } = await desk.page(lane, { max: AT_ONCE, waitMs: 0 }, new AbortController().signal);
      const fresh =
        chosen === undefined
          ? 0
          : deliveries.findIndex(({ at }) => this.door.now().getTime() - Date.parse(at) <= chosen.ttl * 1000);
      const next = deliveries[fresh];
      const expired = fresh < 0 ? deliveries.at(-1) : deliveries[fresh - 1];
      if (expired !== undefined) await desk.acknowledge(lane, expired.cursor);
      if (next !== undefined) return next;
      if (expired === undefined) throw new ProblemException('DOOR_NOT_FOUND', { detail: 'no event available' });
    }
  }
}

function eventItem(lane: LaneName, delivery: PulledDelivery) {
  const { number, agency, agreement, purpose, envelope, subject } = delivery;
  return {
    id: idOf(lane, delivery),
    sequence: number,
    publisherId: partsOf(agency),
    eventType: lane.type,
    event: { envelope, agreement, purpose, ...(subject === undefined ? {} : { subject }) },
  };
}

/** The contract wants a UUID: version 8 (RFC 9562), made of what names the delivery, so that it is the same at every question. */
function idOf({ consumer, type }: LaneName, { number }: PulledDelivery): string {
  const bytes = createHash('sha256').update(`${consumer}/${type}/${number}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
