import { parentPort } from 'node:worker_threads';
import { SIGNATURE_BYTES, signRaw } from '#envelope';
import type { SigningAnswer, SigningRequest } from './signing-thread.js';

// Runs in a thread of its own: one chunk of messages in, their signatures out.
parentPort?.on('message', ({ id, alg, key, lengths, bytes }: SigningRequest) => {
  const signatures = new Uint8Array(lengths.length * SIGNATURE_BYTES);
  try {
    let at = 0;
    for (const [i, length] of lengths.entries()) {
      signatures.set(signRaw(alg, key, new Uint8Array(bytes, at, length)), i * SIGNATURE_BYTES);
      at += length;
    }
  } catch (error) {
    parentPort?.postMessage({ id, failed: error instanceof Error ? error.name : 'unknown' } satisfies SigningAnswer);
    return;
  }
  parentPort?.postMessage({ id, signatures: signatures.buffer } satisfies SigningAnswer, [signatures.buffer]);
});
