import { type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import type { Readable } from 'node:stream';
import { CliError, EXIT } from './exit.js';
import { reason } from './fetch.js';

/**
 * Posts a stream and gives the answer as soon as it begins, which may be long before all is sent: both directions keep their
 * back-pressure. Ends the command with `unreachable` where nothing answers.
 */
export function post(url: string, headers: Readonly<Record<string, string>>, body: Readable): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.startsWith('https:') ? secure : plain)(url, { method: 'POST', headers });
    let answered = false;
    outgoing.once('response', (answer) => {
      answered = true;
      resolve(answer);
    });
    outgoing.on('error', (error) => {
      body.destroy();
      // After an early answer the service may stop reading; what it has to say is in the answer.
      if (!answered) reject(new CliError(EXIT.unreachable, `${new URL(url).origin} does not answer (${reason(error)}).`));
    });
    body.once('error', (error) => {
      outgoing.destroy();
      reject(new CliError(EXIT.usage, `The input cannot be read (${reason(error)}).`));
    });
    body.pipe(outgoing);
  });
}
