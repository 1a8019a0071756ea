import { FAULTS, type FaultCode } from '#faults';
import type { DoorEvent, Refusal } from './door-event.js';

/** The status of one event of a batch. */
export interface EventStatus {
  readonly index: number;
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly status: number;
  readonly fault?: FaultCode;
  readonly detail?: string;
}

/** What is answered for one accepted event. */
export function acceptedAnswer({ id, source, type }: DoorEvent) {
  return { id, source, type, status: 'accepted' as const };
}

/** Where a caller can ask what became of an event. */
export function locationOf({ source, id }: DoorEvent): string {
  return `/v1/events?source=${encodeURIComponent(source)}&id=${encodeURIComponent(id)}`;
}

export function acceptedStatus(index: number, { id, source, type }: DoorEvent): EventStatus {
  return { index, id, source, type, status: 202 };
}

export function refusedStatus(index: number, { fault, detail, id }: Refusal): EventStatus {
  return {
    index,
    ...(id === undefined ? {} : { id }),
    status: FAULTS[fault].status,
    fault,
    ...(detail === undefined ? {} : { detail }),
  };
}

/** One line of the answer to NDJSON and CSV: an accepted event. Built by hand, since there is one for each record. */
export function acceptedLine(line: number, id: string): string {
  return `{"line":${line},"id":${JSON.stringify(id)},"status":202}\n`;
}

/** One line of the answer to NDJSON and CSV: an event that is not on the road. */
export function refusedLine(line: number, { fault, detail, id }: Refusal): string {
  const { status } = FAULTS[fault];
  return `${JSON.stringify({ line, ...(id === undefined ? {} : { id }), status, fault, ...(detail === undefined ? {} : { detail }) })}\n`;
}
