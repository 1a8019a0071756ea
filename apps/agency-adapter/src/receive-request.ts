import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultError } from '#faults';
import { CallerGone, letGo, ProblemException, readQuery, readWhole, wrong } from '#http';
import { OPS, recordType } from '#record';
import { answerJson } from './answer-json.js';
import { type Door, requireDoor } from './door.js';
import { acceptedAnswer, locationOf } from './door-answer.js';
import type { Caller } from './door-event.js';
import type { Parts } from './parts.js';
import { receiveBatch } from './receive-batch.js';
import { receiveEvent } from './receive-event.js';
import { receiveLines } from './receive-lines.js';
import { lineBoundary, rowBoundary } from './steps/boundaries.js';
import { csvLines } from './steps/csv-lines.js';
import type { LineReader } from './steps/line-reader.js';
import { eventLines, recordLines } from './steps/ndjson-lines.js';

/**
 * Receives what a caller sends through the door that its content type names, and answers it. Throws the fault of a request that
 * is refused as a whole; a caller that has gone is nobody to answer and no fault.
 */
export async function receiveRequest(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
): Promise<void> {
  try {
    await receiveThrough(requireDoor(request), parts, request, response, caller);
  } catch (error) {
    if (error instanceof CallerGone) {
      parts.log.info('caller gone', { subsystem: caller.subsystem });
      response.destroy();
      return;
    }
    letGo(request);
    if (error instanceof ProblemException || error instanceof FaultError) {
      parts.metrics.rejected.inc({ record_type: 'unread', fault: error.code });
    }
    throw error;
  }
}

async function receiveThrough(
  door: Door,
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
): Promise<void> {
  const { handOver, now } = parts;
  for (const [name, value] of Object.entries(parts.rateLimit?.() ?? {})) response.setHeader(name, value);
  switch (door) {
    case 'binary':
    case 'structured': {
      readQuery(request, []);
      const event = await receiveEvent(request, door, caller, handOver, now);
      answerJson(response, 202, acceptedAnswer(event), locationOf(event));
      return;
    }
    case 'batch':
      readQuery(request, []);
      answerJson(response, 207, { statuses: await receiveBatch(request, caller, handOver, now) });
      return;
    case 'ndjson':
      await receiveLines(request, response, lineBoundary(), ndjsonReader(parts, request, caller), handOver);
      return;
    case 'csv': {
      const mapping = parts.mappings.get(readQuery(request, ['mapping']).mapping ?? '');
      if (mapping === undefined) throw wrong(`mapping is one of: ${[...parts.mappings.keys()].join(', ') || 'none'}`);
      const reader = csvLines(mapping, parts.member.id, caller, now);
      await receiveLines(request, response, rowBoundary(mapping.delimiter), reader, handOver);
      return;
    }
  }
}

/** Lines are events, or bare records where the query says of which type. */
function ndjsonReader({ member, now }: Parts, request: IncomingMessage, caller: Caller): LineReader {
  const query = readQuery(request, ['type', 'schema', 'op']);
  if (Object.keys(query).length === 0) return eventLines(caller, now);
  const type = recordType(query.type ?? '');
  if (type === undefined) throw wrong('type is a record type like address.locality');
  if (!caller.publishes.has(type)) throw new ProblemException('DOOR_TYPE_UNROUTED');
  if (query.schema === undefined) throw wrong('schema is missing: the version of the schema');
  const schemaVersion = readWhole('schema', query.schema, 1, 999_999_999, 1);
  const op = OPS.find((known) => known === (query.op ?? 'created'));
  if (op === undefined) throw wrong(`op is one of ${OPS.join(', ')}`);
  return recordLines(member.id, { recordType: type, op, schemaVersion }, caller, now);
}
