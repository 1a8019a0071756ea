import type { IncomingMessage, ServerResponse } from 'node:http';
import { All, Controller, Get, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ProblemException, readQuery, wrong } from '#http';
import { answerJson } from './answer-json.js';
import { CallerGuard, callerOf } from './caller.guard.js';
import { PARTS, type Parts } from './parts.js';
import { receiveRequest } from './receive-request.js';
import { fateOf } from './store/fate.js';

/** Events in, and what became of one of them. */
@Controller('v1/events')
@UseGuards(CallerGuard)
export class EventsController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  /** In a running service requests come in by the fast lane and do not get here; what is done with them is the same. */
  @Post()
  receive(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    return receiveRequest(this.parts, request, response, callerOf(request));
  }

  @Get()
  async find(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const caller = callerOf(request);
    const { source = caller.source, id } = readQuery(request, ['source', 'id']);
    if (id === undefined || id === '') throw wrong('id is missing');
    if (source !== caller.source) throw new ProblemException('DOOR_SOURCE_FOREIGN');
    const fate = fateOf(await this.parts.store.known(source, id));
    if (fate === undefined) throw new ProblemException('DOOR_ID_UNKNOWN');
    answerJson(response, 200, { id, source, ...fate });
  }

  @All()
  other(): never {
    throw new ProblemException('DOOR_METHOD', { headers: { allow: 'GET, POST' } });
  }
}
