import { type MemberId, type Op, type RecordType, schemaUrn } from '#record';
import { type Caller, type OrRefusal, refuse, type SentEvent } from '../door-event.js';
import { admit } from './admit.js';
import { derivedId } from './derived-id.js';
import type { LineReader } from './line-reader.js';
import { readStructuredEvent } from './structured-event.js';

/** What every line of a file of bare records has in common. */
export interface BareRecords {
  readonly recordType: RecordType;
  readonly op: Op;
  readonly schemaVersion: number;
}

/** NDJSON of events: each line is a CloudEvent in the JSON format. */
export function eventLines(caller: Caller, now: () => Date): LineReader {
  return linesOf(readStructuredEvent, caller, now);
}

/**
 * NDJSON of bare records: each line is the data of one event exactly as it stands; type and schema are those of the request, the
 * id is derived from member, event type and the bytes of the line.
 */
export function recordLines(member: MemberId, bare: BareRecords, caller: Caller, now: () => Date): LineReader {
  const type = `${bare.recordType}.${bare.op}`;
  const dataschema = schemaUrn(bare.recordType, bare.schemaVersion);
  const read = (bytes: Buffer): OrRefusal<{ event: SentEvent }> => {
    const attributes = { specversion: '1.0', id: derivedId(member, type, bytes), type, dataschema };
    return { ok: true, event: { attributes, data: bytes } };
  };
  return linesOf(read, caller, now);
}

function linesOf(read: (bytes: Buffer) => OrRefusal<{ event: SentEvent }>, caller: Caller, now: () => Date): LineReader {
  return (pieces) =>
    pieces.map(({ line, bytes }) => {
      if (bytes === undefined) return { line, ...refuse('DOOR_TOO_LARGE', 'the line is longer than 1 MiB') };
      const sent = read(bytes);
      return { line, ...(sent.ok ? admit(sent.event, caller, now()) : sent) };
    });
}
