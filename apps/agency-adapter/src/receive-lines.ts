import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FaultCode, FaultError } from '#faults';
import { CallerGone, letGo } from '#http';
import { NDJSON } from './door.js';
import { acceptedLine, refusedLine } from './door-answer.js';
import type { HandOver } from './hand-over.js';
import { CHUNK_BYTES, CHUNK_LINES, MAX_EVENT_BYTES, STREAM_WINDOW_BYTES, STREAM_WINDOW_LINES } from './limits.js';
import type { Boundary } from './steps/boundaries.js';
import type { LineReader, ReadLine } from './steps/line-reader.js';
import { type Piece, PieceSplitter } from './steps/piece-splitter.js';
import { Window } from './steps/window.js';
import { writeText } from './steps/write-text.js';

/** How many lines were answered, and with what. */
export interface LineCounts {
  accepted: number;
  refused: number;
}

/**
 * Receives a stream of lines or rows and answers each with one line, in order. Both directions have back-pressure: nothing is read
 * while the window is full, and nothing is published while the caller does not read its answers.
 *
 * Lines are published in chunks, one at a time. After a chunk that Kafka did not acknowledge, nothing later of the same stream
 * is published any more, so that the order per subject survives: those lines are answered with the same fault. Where that is the
 * first chunk, there is no answer yet and the fault is thrown instead.
 */
export async function receiveLines(
  request: IncomingMessage,
  response: ServerResponse,
  boundary: Boundary,
  read: LineReader,
  handOver: HandOver,
): Promise<LineCounts> {
  const window = new Window<ReadLine>(STREAM_WINDOW_LINES, STREAM_WINDOW_BYTES);
  const counts: LineCounts = { accepted: 0, refused: 0 };
  const onClose = () => window.fail(new CallerGone());
  response.once('close', onClose);
  try {
    // The first failure is thrown at once: a caller who sends slowly must not wait for the answer that Kafka is away.
    await Promise.all([fill(request, boundary, read, window), answer(response, window, handOver, counts)]);
    return counts;
  } finally {
    response.off('close', onClose);
  }
}

/** Reads the request into the window; what is left of it after a failure is let go, so that the caller can read the answer. */
async function fill(request: IncomingMessage, boundary: Boundary, read: LineReader, window: Window<ReadLine>): Promise<void> {
  const splitter = new PieceSplitter(boundary, MAX_EVENT_BYTES);
  const put = async (pieces: readonly Piece[]) => {
    for (const line of await read(pieces)) await window.put(line, line.ok ? line.event.data.length : 0);
  };
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      window.throwIfFailed();
      await put(splitter.push(chunk as Buffer));
    }
    await put(splitter.end());
    window.end();
  } catch (error) {
    const reason = request.destroyed && !request.complete ? new CallerGone() : error;
    window.fail(reason);
    letGo(request);
    throw reason;
  }
}

/** Publishes what is in the window, chunk by chunk, and answers each line of it. */
async function answer(response: ServerResponse, window: Window<ReadLine>, handOver: HandOver, counts: LineCounts): Promise<void> {
  let fault: FaultCode | undefined;
  try {
    for (let lines = await take(window); lines !== undefined; lines = await take(window)) {
      if (fault === undefined) {
        try {
          await handOver(lines.flatMap((line) => (line.ok ? [line.event] : [])));
        } catch (error) {
          if (!response.headersSent || !(error instanceof FaultError)) throw error;
          fault = error.code;
        }
      }
      begin(response);
      await writeText(response, statusLines(lines, fault, counts));
    }
    begin(response);
    response.end();
  } catch (error) {
    window.fail(error);
    throw error;
  }
}

const take = (window: Window<ReadLine>) => window.take(CHUNK_LINES, CHUNK_BYTES);

function statusLines(lines: readonly ReadLine[], fault: FaultCode | undefined, counts: LineCounts): string {
  let text = '';
  for (const line of lines) {
    if (line.ok && fault === undefined) {
      counts.accepted++;
      text += acceptedLine(line.line, line.event.id);
    } else {
      counts.refused++;
      text += refusedLine(line.line, line.ok ? { fault: fault ?? 'STREAM_UNAVAILABLE', id: line.event.id } : line);
    }
  }
  return text;
}

function begin(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': NDJSON, 'cache-control': 'no-store' });
}
