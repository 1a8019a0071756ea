import type { IncomingMessage, ServerResponse } from 'node:http';
import { All, Controller, Get, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { FaultError } from '#faults';
import { ProblemException } from '#http';
import { OPS, recordType } from '#record';
import { CallerGuard, callerOf } from './caller.guard.js';
import { type Door, requireDoor } from './door.js';
import { acceptedAnswer, locationOf } from './door-answer.js';
import type { Caller } from './door-event.js';
import { PARTS, type Parts } from './parts.js';
import { readQuery, readWhole, wrong } from './query.js';
import { receiveBatch } from './receive-batch.js';
import { receiveEvent } from './receive-event.js';
import { receiveLines } from './receive-lines.js';
import { lineBoundary, rowBoundary } from './steps/boundaries.js';
import { csvLines } from './steps/csv-lines.js';
import { eventLines, recordLines } from './steps/ndjson-lines.js';
import { CallerGone, letGo } from './steps/read-body.js';
import { fateOf } from './store/fate.js';

/** Events in, and what became of one of them. */
@Controller('v1/events')
@UseGuards(CallerGuard)
export class EventsController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Post()
  async receive(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const caller = callerOf(request);
    try {
      await this.receiveThrough(requireDoor(request), request, response, caller);
    } catch (error) {
      if (error instanceof CallerGone) {
        this.parts.log.info('caller gone', { subsystem: caller.subsystem });
        response.destroy();
        return;
      }
      letGo(request);
      if (error instanceof ProblemException || error instanceof FaultError) {
        this.parts.metrics.rejected.inc({ record_type: 'unread', fault: error.code });
      }
      throw error;
    }
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

  private async receiveThrough(door: Door, request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const { handOver, now } = this.parts;
    switch (door) {
      case 'binary':
      case 'structured': {
        readQuery(request, []);
        const event = await receiveEvent(request, door, caller, handOver, now);
        answerJson(response, 202, acceptedAnswer(event), { location: locationOf(event) });
        return;
      }
      case 'batch':
        readQuery(request, []);
        answerJson(response, 207, { statuses: await receiveBatch(request, caller, handOver, now) });
        return;
      case 'ndjson':
        await receiveLines(request, response, lineBoundary(), this.ndjsonReader(request, caller), handOver);
        return;
      case 'csv': {
        const mapping = this.parts.mappings.get(readQuery(request, ['mapping']).mapping ?? '');
        if (mapping === undefined) throw wrong(`mapping is one of: ${[...this.parts.mappings.keys()].join(', ') || 'none'}`);
        const reader = csvLines(mapping, this.parts.member.id, caller, now);
        await receiveLines(request, response, rowBoundary(mapping.delimiter), reader, handOver);
        return;
      }
    }
  }

  /** Lines are events, or bare records where the query says of which type. */
  private ndjsonReader(request: IncomingMessage, caller: Caller) {
    const query = readQuery(request, ['type', 'schema', 'op']);
    if (Object.keys(query).length === 0) return eventLines(caller, this.parts.now);
    const type = recordType(query.type ?? '');
    if (type === undefined) throw wrong('type is a record type like address.locality');
    if (!caller.publishes.has(type)) throw new ProblemException('DOOR_TYPE_UNROUTED');
    if (query.schema === undefined) throw wrong('schema is missing: the version of the schema');
    const schemaVersion = readWhole('schema', query.schema, 1, 999_999_999, 1);
    const op = OPS.find((known) => known === (query.op ?? 'created'));
    if (op === undefined) throw wrong(`op is one of ${OPS.join(', ')}`);
    return recordLines(this.parts.member.id, { recordType: type, op, schemaVersion }, caller, this.parts.now);
  }
}

function answerJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': text.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}
