import type { IncomingMessage } from 'node:http';
import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { parseStrict } from '#canonical';
import { readBody, readQuery, wrong } from '#http';
import { callerOf, type KnownCallers } from '../door/known-callers.js';
import type { DeadLetterDesk, ShownDeadLetter } from './dead-letter-desk.js';

/** The injection token of {@link DeskDoor}. */
export const DESK_DOOR = Symbol('desk door');

/** What the door of the desk takes: the desk, and the operators who may call. */
export interface DeskDoor extends KnownCallers {
  readonly desk: DeadLetterDesk;
}

const MAX_BODY = 8 * 1024;
const LONGEST_REASON = 500;

/** Where operators deal with dead letters: `khidi dead …` talks to it. No answer contains anything of a record's body. */
@Controller('v1/dead-letters')
export class DeskController {
  constructor(@Inject(DESK_DOOR) private readonly door: DeskDoor) {}

  @Get()
  list(@Req() request: IncomingMessage): { deadLetters: readonly ShownDeadLetter[] } {
    callerOf(request, this.door);
    const { all, ...query } = readQuery(request, ['code', 'consumer', 'service', 'since', 'until', 'all']);
    return { deadLetters: this.door.desk.list({ ...query, all: all === 'yes' }) };
  }

  @Get(':service/:offset')
  show(@Req() request: IncomingMessage, @Param('service') service: string, @Param('offset') offset: string): ShownDeadLetter {
    callerOf(request, this.door);
    return this.door.desk.show(`${service}/${offset}`);
  }

  @Post(':service/:offset/replay')
  @HttpCode(200)
  replay(@Req() request: IncomingMessage, @Param('service') service: string, @Param('offset') offset: string) {
    return this.door.desk.replay(`${service}/${offset}`, callerOf(request, this.door));
  }

  /** Takes `{"why": "…"}`. */
  @Post(':service/:offset/discard')
  @HttpCode(200)
  async discard(@Req() request: IncomingMessage, @Param('service') service: string, @Param('offset') offset: string) {
    const by = callerOf(request, this.door);
    const why = reasonIn(await readBody(request, MAX_BODY));
    return this.door.desk.discard(`${service}/${offset}`, by, why);
  }
}

function reasonIn(body: Buffer): string {
  const parsed = parseStrict(body);
  const why =
    parsed.ok && typeof parsed.value === 'object' && parsed.value !== null ? (parsed.value as { why?: unknown }).why : undefined;
  if (typeof why === 'string' && why.trim() !== '' && why.length <= LONGEST_REASON) return why;
  throw wrong(`the body is {"why": "…"} with a reason of at most ${LONGEST_REASON} characters`);
}
