import type { IncomingMessage } from 'node:http';
import { Controller, Get, Inject, Req } from '@nestjs/common';
import { type Callers, callerAmong, ProblemException, readQuery } from '#http';
import { subsystemId } from '#record';
import type { Metrics } from '#telemetry';
import type { Lane } from '../lanes/lane.js';
import type { LoadState } from '../lanes/loading.js';
import type { LaneName } from '../steps/rule.js';

/** The injection token of {@link LoadDoor}. */
export const LOAD_DOOR = Symbol('load door');

/** What the door takes: the lanes, the operators, and the consumers, each of which sees its own. */
export interface LoadDoor {
  readonly lanes: { open(): readonly Pick<Lane, 'name' | 'load'>[] };
  readonly operators: () => Callers;
  readonly consumers: () => Callers;
  readonly metrics: Pick<Metrics, 'refusedCallers'>;
}

/** How one lane began, and how far its last initial load is. */
type Load = LaneName & LoadState;

/** Where is told how far initial loads are: `khidi loads`. */
@Controller('v1/loads')
export class LoadsController {
  constructor(@Inject(LOAD_DOOR) private readonly door: LoadDoor) {}

  /** By lane, in the order of their names; `consumer` and `type` choose. */
  @Get()
  list(@Req() request: IncomingMessage): { readonly loads: readonly Load[] } {
    const { lanes, operators, consumers, metrics } = this.door;
    const kinds = [
      ['operator', operators],
      ['consumer', consumers],
    ] as const;
    const { user, kind } = callerAmong(request, kinds, metrics);
    if (kind === 'consumer' && subsystemId(user) === undefined) throw new ProblemException('DOOR_FORBIDDEN');
    const asked = readQuery(request, ['consumer', 'type']);
    const seen = lanes.open().filter(({ name: { consumer, type } }) => {
      const isOwn = kind === 'operator' || consumer === user;
      return isOwn && (asked.consumer ?? consumer) === consumer && (asked.type ?? type) === type;
    });
    const loads = seen.map(({ name, load }) => ({ ...name, ...load }));
    return { loads: loads.sort((a, b) => (`${a.consumer} ${a.type}` < `${b.consumer} ${b.type}` ? -1 : 1)) };
  }
}
