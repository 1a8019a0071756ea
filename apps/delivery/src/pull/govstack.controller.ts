import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Delete, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { callerOf, ProblemException } from '#http';
import { recordType, subsystemId } from '#record';
import type { LaneName } from '../steps/rule.js';
import { PULL_DOOR, type PullDoor } from './pull.controller.js';
import type { PulledDelivery } from './pull-desk.js';

/** The path of a room in GovStack's Pub/Sub contract; ours is `/r1/<operator>/khidi`. */
interface RoomPath {
  readonly instanceId: string;
  readonly memberClass: string;
  readonly memberCode: string;
  readonly applicationCode: string;
  readonly eventType: string;
  readonly eventId?: string;
}

const ROOM = 'khidi';

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
    const lane = this.laneOf(request, path);
    const delivery = await this.nextOf(lane);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(eventItem(lane, delivery)));
  }

  @Delete(':eventId')
  async confirm(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Param() path: RoomPath): Promise<void> {
    const lane = this.laneOf(request, path);
    const delivery = await this.nextOf(lane);
    if (idOf(lane, delivery) !== path.eventId) throw new ProblemException('DOOR_NOT_FOUND');
    await this.door.desk.acknowledge(lane, delivery.cursor);
    response.writeHead(204).end();
  }

  private async nextOf(lane: LaneName): Promise<PulledDelivery> {
    const { deliveries } = await this.door.desk.page(lane, { max: 1, waitMs: 0 }, new AbortController().signal);
    const [next] = deliveries;
    if (next === undefined) throw new ProblemException('DOOR_NOT_FOUND', { detail: 'no event available' });
    return next;
  }

  private laneOf(request: IncomingMessage, path: RoomPath): LaneName {
    const user = callerOf(request, this.door);
    const consumer = subsystemId(user);
    if (consumer === undefined || request.headers['x-govstack-client'] !== user) throw new ProblemException('DOOR_FORBIDDEN');
    const room = `${path.instanceId}/${path.memberClass}/${path.memberCode}`;
    const type = recordType(path.eventType);
    if (type === undefined || room !== this.door.operator || path.applicationCode !== ROOM)
      throw new ProblemException('DOOR_NOT_FOUND');
    return { consumer, type };
  }
}

function eventItem(lane: LaneName, delivery: PulledDelivery) {
  const { number, agency, agreement, purpose, envelope } = delivery;
  const [instanceId, memberClass, memberCode, applicationCode] = agency.split('/');
  return {
    id: idOf(lane, delivery),
    sequence: number,
    publisherId: { instanceId, memberClass, memberCode, applicationCode },
    eventType: lane.type,
    event: { envelope, agreement, purpose },
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
