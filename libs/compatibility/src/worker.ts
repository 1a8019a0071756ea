import { parentPort } from 'node:worker_threads';
import { compare } from './compare.js';
import { lint } from './lint/lint.js';
import { READY, type Request } from './request.js';
import { ownThread } from './thread-time.js';

// Runs in a thread of its own: one request in, one answer out.
parentPort?.on('message', ({ id, request }: { id: number; request: Request }) => {
  parentPort?.postMessage({ id, answer: 'question' in request ? compare(request.question) : lint(request.source) });
});
// All is loaded: the clock of the first request may start.
parentPort?.postMessage({ id: READY, answer: ownThread() });
