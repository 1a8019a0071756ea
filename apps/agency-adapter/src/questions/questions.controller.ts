import type { IncomingMessage, ServerResponse } from 'node:http';
import { All, Controller, Get, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { isSha256Digest } from '#canonical';
import { joinSignals } from '#concurrency';
import { CallerGone, letGo, ProblemException, readBody, readQuery, readWhole, wrong } from '#http';
import { CONTENT_TYPE, type RecordType, recordType } from '#record';
import { answerJson } from '../answer-json.js';
import { CallerGuard, callerOf } from '../caller.guard.js';
import { MAX_QUESTION_BYTES, MAX_QUESTION_SECONDS } from '../limits.js';
import { PARTS, type Parts } from '../parts.js';
import type { AnswerPlace, Questions } from './questions.js';
import type { Answer } from './read-answer.js';
import { readQuestion } from './read-question.js';

/** A question in, its verified answer out, in one call. */
@Controller('v1/questions')
@UseGuards(CallerGuard)
export class QuestionsController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Post(':type')
  async ask(@Param('type') type: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const questions = this.questions();
    const about = typeOf(type);
    const wait = secondsOf(readQuery(request, ['wait']).wait, questions.seconds, 1);
    await this.whileConnected(request, response, async (gone) => {
      const question = readQuestion(await readBody(request, MAX_QUESTION_BYTES), about);
      // Not AbortSignal.any: a time-out that only such a signal knows of is collected as garbage, and then never comes.
      const { signal: given, end } = joinSignals([gone], wait * 1000);
      const traceparent = request.headersDistinct.traceparent?.[0];
      const asking = await questions.ask(callerOf(request), about, question, given, traceparent).finally(end);
      if (gone.aborted) throw new CallerGone();
      response.setHeader('khidi-question', question.id);
      if ('answer' in asking) answer(request, response, question.id, asking.answer);
      else throw new ProblemException('QUESTION_UNANSWERED', late(asking.late));
    });
  }

  @Get(':type/:digest')
  async find(
    @Param('type') type: string,
    @Param('digest') digest: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const questions = this.questions();
    if (!isSha256Digest(digest)) throw wrong('the path ends with the digest of the question');
    const sent = readQuery(request, ['from', 'wait']);
    if (!/^[0-9]{1,18}$/.test(sent.from ?? '0')) throw wrong('from is where reading begins, as Location said');
    const wait = secondsOf(sent.wait, 0, 0);
    const place: AnswerPlace = { about: typeOf(type), digest, from: BigInt(sent.from ?? '0') };
    await this.whileConnected(request, response, async (gone) => {
      const found = await questions.find(callerOf(request), place, wait, gone);
      if (gone.aborted) throw new CallerGone();
      if (found === undefined) throw new ProblemException('QUESTION_PENDING');
      answer(request, response, undefined, found);
    });
  }

  @All(':type')
  other(): never {
    throw new ProblemException('DOOR_METHOD', { headers: { allow: 'POST' } });
  }

  private questions(): Questions {
    if (this.parts.questions === undefined) throw new ProblemException('QUESTION_OFF');
    return this.parts.questions;
  }

  /** A caller that goes away waits for nothing any more, and a service that stops answers those who wait. */
  private async whileConnected(
    request: IncomingMessage,
    response: ServerResponse,
    act: (gone: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once('close', leave);
    try {
      await act(gone.signal);
    } catch (error) {
      if (error instanceof CallerGone) {
        this.parts.log.info('caller gone', { subsystem: callerOf(request).subsystem });
        response.destroy();
        return;
      }
      letGo(request);
      throw error;
    } finally {
      response.off('close', leave);
    }
  }
}

function typeOf(text: string): RecordType {
  const type = recordType(text);
  if (type === undefined) throw wrong('the path names a record type like population.person');
  return type;
}

const secondsOf = (sent: string | undefined, fallback: number, least: number): number =>
  readWhole('wait', sent, least, MAX_QUESTION_SECONDS, fallback);

function late({ about, digest, from }: AnswerPlace) {
  const location = `/v1/questions/${about}/${encodeURIComponent(digest)}?from=${from}`;
  return { headers: { location }, detail: `No answer came in time. It will be at ${location}, and among the deliveries.` };
}

/** The envelope alone where that is asked for, since it is all that anybody needs; otherwise with what was verified of it. */
function answer(request: IncomingMessage, response: ServerResponse, question: string | undefined, found: Answer): void {
  const { number, iss, jti, sub, ownPseudonym, op, seq, record, whole, agreement, purpose, envelope } = found;
  if ((request.headers.accept ?? '').toLowerCase().includes(CONTENT_TYPE.envelope)) {
    response.writeHead(200, {
      'content-type': CONTENT_TYPE.envelope,
      'content-length': envelope.length,
      'cache-control': 'no-store',
      ...{ 'khidi-number': String(number), 'khidi-agreement': agreement, 'khidi-purpose': purpose },
    });
    response.end(envelope);
    return;
  }
  answerJson(response, 200, {
    ...(question === undefined ? {} : { question }),
    ...{ request: found.request, iss, jti, sub },
    ...(ownPseudonym === undefined ? {} : { ownPseudonym }),
    ...{ op, seq, record, whole, agreement, purpose, number, envelope: envelope.toString('latin1') },
  });
}
