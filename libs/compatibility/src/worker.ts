import { parentPort } from 'node:worker_threads';
import { compare } from './compare.js';
import type { Question } from './verdict.js';

// Runs in a thread of its own: one question in, one verdict out.
parentPort?.on('message', ({ id, question }: { id: number; question: Question }) => {
  parentPort?.postMessage({ id, verdict: compare(question) });
});
