import type { IncomingMessage } from 'node:http';
import { callerOf, type KnownCallers, ProblemException } from '#http';
import { type MemberId, recordType, type SubsystemId, subsystemId } from '#record';
import type { LaneName } from '../steps/rule.js';

/** The path of a room in GovStack's Pub/Sub contract; ours is `/r1/<operator>/khidi`. */
export interface RoomPath {
  readonly instanceId: string;
  readonly memberClass: string;
  readonly memberCode: string;
  readonly applicationCode: string;
  readonly eventType?: string;
  readonly eventId?: string;
}

const ROOM = 'khidi';

/**
 * The subsystem that calls in our room: proved by its secret, and `X-GovStack-Client` must name the same one. Throws DOOR_UNAUTHENTICATED,
 * DOOR_FORBIDDEN, and DOOR_NOT_FOUND for any other room.
 */
export function visitorOf(request: IncomingMessage, path: RoomPath, door: KnownCallers & { operator: MemberId }): SubsystemId {
  const user = callerOf(request, door);
  const consumer = subsystemId(user);
  if (consumer === undefined || request.headers['x-govstack-client'] !== user) throw new ProblemException('DOOR_FORBIDDEN');
  const room = `${path.instanceId}/${path.memberClass}/${path.memberCode}`;
  if (room !== door.operator || path.applicationCode !== ROOM) throw new ProblemException('DOOR_NOT_FOUND');
  return consumer;
}

/** The same, for one event type: a record type. Throws DOOR_NOT_FOUND for what is none. */
export function roomLane(request: IncomingMessage, path: RoomPath, door: KnownCallers & { operator: MemberId }): LaneName {
  const consumer = visitorOf(request, path, door);
  const type = recordType(path.eventType ?? '');
  if (type === undefined) throw new ProblemException('DOOR_NOT_FOUND');
  return { consumer, type };
}

/** A subsystem in the form of the contract. */
export function partsOf(subsystem: string) {
  const [instanceId, memberClass, memberCode, applicationCode] = subsystem.split('/');
  return { instanceId, memberClass, memberCode, applicationCode };
}
