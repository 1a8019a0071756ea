import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ExecutionContext } from '@nestjs/common';
import { CallerGuard } from '../caller.guard.js';
import type { Parts } from '../parts.js';
import { QuestionsController } from './questions.controller.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('when a question says how long it waits', () => {
  it('waits no longer, also when the garbage is collected meanwhile', async () => {
    const ask = (...[, , , signal]: readonly [unknown, unknown, { digest: string }, AbortSignal]) =>
      new Promise((resolve) => {
        const late = { about: 'population.person', digest: 'd', from: 0n };
        signal.addEventListener('abort', () => resolve({ late }), { once: true });
      });
    const parts = { questions: { seconds: 60, ask }, gate: { identify: () => ({}) } } as unknown as Parts;
    const controller = new QuestionsController(parts);
    const request = Object.assign(Readable.from([Buffer.from('{"identifier":"x","purpose":"p"}')]), {
      ...{ url: '/v1/questions/population.person?wait=1', headers: {}, headersDistinct: {} },
    });
    const response = Object.assign(new EventEmitter(), { setHeader: () => undefined });
    const http = { getRequest: () => request, getResponse: () => response };
    new CallerGuard(parts).canActivate({ switchToHttp: () => http } as unknown as ExecutionContext);
    const collecting = setInterval(collectGarbage, 100);
    const asking = controller.ask(
      'population.person',
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    );
    await expect(asking.finally(() => clearInterval(collecting))).rejects.toMatchObject({ code: 'QUESTION_UNANSWERED' });
  }, 5000);
});
