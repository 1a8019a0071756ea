import type { IncomingMessage } from 'node:http';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { parseStrict } from '#canonical';
import { type Callers, callerAmong, instantIn, ProblemException, readBody, wrong } from '#http';
import { recordType, subsystemId } from '#record';
import type { Metrics } from '#telemetry';
import type { BegunReplay, ReplayDesk, ReplayFrom } from './replay-desk.js';

/** The injection token of {@link ReplayDoor}. */
export const REPLAY_DOOR = Symbol('replay door');

/** What the door takes: the desk, the operators, and the consumers, each of which may have its own deliveries again. */
export interface ReplayDoor {
  readonly desk: ReplayDesk;
  readonly operators: () => Callers;
  readonly consumers: () => Callers;
  readonly metrics: Pick<Metrics, 'refusedCallers'>;
}

const MAX_BODY = 8 * 1024;
const LONGEST_REASON = 500;
const AGREEMENT = /^[a-z0-9-]{1,64}$/;

/** Where deliveries are asked for again: `khidi replay`. */
@Controller('v1/replays')
export class ReplayController {
  constructor(@Inject(REPLAY_DOOR) private readonly door: ReplayDoor) {}

  /** Takes `{"consumer", "type", "since" or "offsets": {"<partition>": "<offset>"} or "whole": true, "agreement"?, "why"}`. */
  @Post()
  @HttpCode(202)
  async begin(@Req() request: IncomingMessage): Promise<BegunReplay> {
    const { operators, consumers, metrics } = this.door;
    const kinds = [
      ['operator', operators],
      ['consumer', consumers],
    ] as const;
    const { user, kind } = callerAmong(request, kinds, metrics);
    const parsed = parseStrict(await readBody(request, MAX_BODY));
    const sent = Object(parsed.ok ? parsed.value : undefined) as Record<string, unknown>;
    const { consumer, type, agreement, why } = sent;
    const [named, known] = [subsystemId(textOf(consumer)), recordType(textOf(type))];
    if (named === undefined || known === undefined) throw wrong('consumer is a subsystem and type a record type');
    if (agreement !== undefined && !AGREEMENT.test(textOf(agreement))) throw wrong('agreement is the id of one');
    if (textOf(why).trim() === '' || textOf(why).length > LONGEST_REASON)
      throw wrong(`why is a reason of at most ${LONGEST_REASON} characters`);
    if (kind === 'consumer' && named !== user) throw new ProblemException('DOOR_FORBIDDEN');
    const under = agreement === undefined ? {} : { agreement: textOf(agreement) };
    return this.door.desk.begin({ consumer: named, type: known, from: fromOf(sent), ...under, by: user, why: textOf(why) });
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function fromOf({ since, offsets, whole }: Record<string, unknown>): ReplayFrom {
  const at = instantIn(textOf(since));
  if (whole === true && since === undefined && offsets === undefined) return { whole };
  if (whole !== undefined) throw wrong('whole is true, and stands without since and offsets');
  if (offsets === undefined && at !== undefined) return { since: at };
  const entries = Object.entries(Object(offsets) as Record<string, unknown>);
  const fits = entries.every(([partition, offset]) => /^\d{1,4}$/.test(partition) && /^(0|[1-9]\d{0,18})$/.test(textOf(offset)));
  if (since !== undefined || entries.length === 0 || !fits)
    throw wrong('since is a time like 2026-05-03T00:00:00Z; or offsets is {"<partition>": "<offset>"}; or whole is true');
  return { offsets: new Map(entries.map(([partition, offset]) => [Number(partition), BigInt(textOf(offset))])) };
}
