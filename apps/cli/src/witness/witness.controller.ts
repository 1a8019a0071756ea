import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { readBody } from '#http';
import { Witness } from './witness.js';

const MAX_BODY_BYTES = 64 * 1024;

/** The two questions of C2SP tlog-witness. Answers are plain text with the status that it names; nothing in them is a secret. */
@Controller()
export class WitnessController {
  constructor(@Inject(Witness) private readonly witness: Witness) {}

  @Post('add-checkpoint')
  @HttpCode(200)
  async add(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_BODY_BYTES);
    const answer = await this.witness.addCheckpoint(body.toString('utf8'));
    response.statusCode = answer.status;
    if (answer.status === 409) {
      response.setHeader('content-type', 'text/x.tlog.size');
      response.end(`${answer.size}\n`);
    } else {
      response.setHeader('content-type', 'text/plain; charset=utf-8');
      response.end(answer.status === 200 ? answer.lines : `${WHY[answer.status]}\n`);
    }
  }

  @Get(':origin/checkpoint')
  checkpoint(@Param('origin') origin: string, @Res() response: ServerResponse): void {
    const note = this.witness.latest(origin);
    response.statusCode = note === undefined ? 404 : 200;
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.setHeader('cache-control', 'no-cache');
    response.end(note ?? `${WHY[404]}\n`);
  }
}

const WHY = {
  400: 'malformed request',
  403: 'no valid signature of this log',
  404: 'unknown log, or nothing cosigned yet',
  422: 'the checkpoint does not continue the last one',
} as const;
