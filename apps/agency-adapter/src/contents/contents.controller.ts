import type { IncomingMessage, ServerResponse } from 'node:http';
import { All, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { FaultError } from '#faults';
import { CallerGone, FewAtOnce, ProblemException } from '#http';
import { contentUrn } from '#record';
import { answerJson } from '../answer-json.js';
import { PARTS, type Parts } from '../parts.js';
import { giveContent } from './give-content.js';
import { receiveContent } from './receive-content.js';

/** How many contents arrive at once from one subsystem, and how many are given at once, to all and to one: each holds a file and some memory. */
const MOST_ARRIVING = 4;
const MOST_GIVEN = 32;
const MOST_GIVEN_TO_ONE = 8;
const BEARER = /^Bearer ./;

/** Contents in, by a subsystem of the member; and out, by whoever has delivery's permit for one. */
@Controller('v1/contents')
export class ContentsController {
  private readonly arriving = new FewAtOnce(MOST_ARRIVING, 'contents');
  private readonly given = new FewAtOnce(MOST_GIVEN, 'contents');
  private readonly givenToOne = new FewAtOnce(MOST_GIVEN_TO_ONE, 'contents');

  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Post()
  async receive(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const { subsystem } = this.parts.gate.identify(request, response);
    const { store, metrics, windowMs } = this.door();
    try {
      const reference = await this.arriving.run(subsystem, () => receiveContent(request, subsystem, store, windowMs));
      metrics.contentsReceived.inc({ result: 'kept' });
      this.parts.log.info('content kept', { subsystem, bytes: reference.size });
      answerJson(response, 201, reference, `/v1/contents/${reference.dataref}`);
    } catch (error) {
      const isFault = error instanceof FaultError || error instanceof ProblemException;
      metrics.contentsReceived.inc({ result: isFault ? error.code : 'broken-off' });
      if (!(error instanceof CallerGone)) throw error;
      this.parts.log.info('content not received to its end', { subsystem });
      response.destroy();
    }
  }

  @Get(':dataref')
  async give(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Param('dataref') dataref: string): Promise<void> {
    const content = contentUrn(dataref);
    if (!BEARER.test(request.headers.authorization ?? '')) {
      this.parts.metrics.refusedCallers.inc();
      throw new ProblemException('DOOR_UNAUTHENTICATED');
    }
    if (content === undefined) throw new ProblemException('CONTENT_UNKNOWN');
    await this.given.run('all', () => giveContent(this.door(), this.givenToOne, request, response, content));
  }

  @All()
  other(): never {
    throw new ProblemException('DOOR_METHOD', { headers: { allow: 'GET, POST' } });
  }

  private door() {
    if (this.parts.contents === undefined) throw new ProblemException('DOOR_NOT_FOUND');
    return this.parts.contents;
  }
}
