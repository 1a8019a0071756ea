import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { parseStrict } from '#canonical';
import { callerOf, instantIn, type KnownCallers, readBody, readQuery, wrong } from '#http';
import type { DeadLetterDesk, ShownDeadLetter } from './dead-letter-desk.js';

/** The injection token of {@link DeskDoor}. */
export const DESK_DOOR = Symbol('desk door');

/** What the door of the desk takes: the desk, and the operators who may call. */
export interface DeskDoor extends KnownCallers {
  readonly desk: DeadLetterDesk;
}

const MAX_BODY = 8 * 1024;
const LONGEST_REASON = 500;

/** Where operators deal with dead letters: `khidi dead …` talks to it. Bodies leave as they lie on their topic, encrypted; no plain one does. */
@Controller('v1/dead-letters')
export class DeskController {
  constructor(@Inject(DESK_DOOR) private readonly door: DeskDoor) {}

  @Get()
  list(@Req() request: IncomingMessage): { deadLetters: readonly ShownDeadLetter[] } {
    callerOf(request, this.door);
    const { all, since, until, ...query } = readQuery(request, ['code', 'consumer', 'service', 'since', 'until', 'all']);
    const times = { since: timeIn('since', since), until: timeIn('until', until) };
    return { deadLetters: this.door.desk.list({ ...query, ...times, all: all === 'yes' }) };
  }

  @Get(':service/:offset')
  show(@Req() request: IncomingMessage, @Param('service') service: string, @Param('offset') offset: string): ShownDeadLetter {
    callerOf(request, this.door);
    return this.door.desk.show(`${service}/${offset}`);
  }

  /** The encrypted body, for whoever has the operators' private key. */
  @Get(':service/:offset/body')
  async body(
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
    @Param('service') service: string,
    @Param('offset') offset: string,
  ): Promise<void> {
    callerOf(request, this.door);
    const body = await this.door.desk.body(`${service}/${offset}`);
    response.writeHead(200, { 'content-type': 'application/jose', 'cache-control': 'no-store' });
    response.end(body);
  }

  /** Takes `{"contentKey": "…"}` where the body is encrypted: 32 bytes in base64url. The operators' private key stays with them. */
  @Post(':service/:offset/replay')
  @HttpCode(200)
  async replay(@Req() request: IncomingMessage, @Param('service') service: string, @Param('offset') offset: string) {
    const by = callerOf(request, this.door);
    const { contentKey } = objectIn(await readBody(request, MAX_BODY));
    const key = typeof contentKey === 'string' ? Buffer.from(contentKey, 'base64url') : undefined;
    return this.door.desk.replay(`${service}/${offset}`, by, key);
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

function timeIn(name: string, sent: string | undefined): number | undefined {
  const at = sent === undefined ? undefined : instantIn(sent);
  if (sent !== undefined && at === undefined) throw wrong(`${name} is a time like 2026-05-03T00:00:00Z`);
  return at;
}

function objectIn(body: Buffer): Readonly<Record<string, unknown>> {
  const parsed = parseStrict(body);
  return parsed.ok && typeof parsed.value === 'object' && parsed.value !== null ? { ...parsed.value } : {};
}

function reasonIn(body: Buffer): string {
  const { why } = objectIn(body);
  if (typeof why === 'string' && why.trim() !== '' && why.length <= LONGEST_REASON) return why;
  throw wrong(`the body is {"why": "…"} with a reason of at most ${LONGEST_REASON} characters`);
}
