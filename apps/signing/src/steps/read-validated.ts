import type { Digest, SealInput } from '#envelope';
import { type FaultReport, faultReport } from '#faults';
import {
  decodeWarnings,
  HEADER,
  headerText,
  type Outcome,
  pseudonymIn,
  type ReceivedRecord,
  type RecordType,
  readEventType,
  type SchemaUrn,
  type SubjectUrn,
  type SubsystemId,
  subsystemId,
  validatedTopic,
} from '#record';
import { readTerms, type SequenceSource } from './read-terms.js';

/** What `khidi_origin` says: who sent the record, and where and when it came in. */
export interface Origin {
  readonly agency: SubsystemId;
  readonly auth: string;
  /** SHA-256 of the bytes that the agency sent. */
  readonly digest: Buffer;
  readonly received: string;
  /** The agency's own seal, which validation has verified. */
  readonly seal?: string;
  /** `topic/partition/offset` on the ingress topic. */
  readonly ingress: string;
}

/** A validated record taken apart. */
export interface ReadRecord {
  readonly ok: true;
  readonly type: RecordType;
  readonly input: SealInput;
  readonly origin: Origin;
  /** What validation found doubtful; undefined where there was nothing. */
  readonly warnings: readonly FaultReport[] | undefined;
}

/** A record that cannot be sealed, and as much of its origin as the member can be told by. */
export interface UnreadRecord {
  readonly ok: false;
  readonly fault: FaultReport;
  readonly origin?: Origin;
  readonly event: Pick<Outcome, 'id' | 'source' | 'type'>;
}

/**
 * Reads what validation wrote. Only validation may write to this topic, so everything that does not fit is SEAL_INPUT with the place:
 * it is somebody else's record, or a defect, and never a reason to guess.
 */
export function readValidated(record: ReceivedRecord): ReadRecord | UnreadRecord {
  const event = {
    id: header(record, HEADER.id),
    source: header(record, HEADER.source),
    type: header(record, HEADER.type),
  };
  const origin = readOrigin(header(record, HEADER.origin));
  const refuse = (pointer: string): UnreadRecord => ({
    ok: false,
    fault: faultReport('SEAL_INPUT', pointer),
    ...(origin === undefined ? {} : { origin }),
    event: Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)),
  });

  const { id, source, type } = event;
  const time = header(record, HEADER.time);
  const sub = header(record, HEADER.subject);
  const dataschema = header(record, HEADER.dataschema);
  if (id === undefined) return refuse('/id');
  if (source === undefined) return refuse('/source');
  if (type === undefined) return refuse('/type');
  if (time === undefined) return refuse('/time');
  if (sub === undefined) return refuse('/subject');
  if (dataschema === undefined) return refuse('/dataschema');
  if (header(record, HEADER.specversion) !== '1.0') return refuse('/specversion');
  if (origin === undefined) return refuse('/khidi_origin');
  const terms = readTerms(single(record, HEADER.schema));
  if (terms === undefined) return refuse('/khidi_schema');
  const of = readEventType(type)?.type;
  if (of === undefined || record.topic !== validatedTopic(of)) return refuse('/type');
  if (!isKeyOf(record.key, sub)) return refuse('/key');
  const seq = sequenceOf(record, terms.sequence);
  if (seq === undefined) return refuse('/sequence');
  const doubts = record.headers[HEADER.warnings];
  const warnings = Buffer.isBuffer(doubts) ? decodeWarnings(doubts) : undefined;
  if (doubts !== undefined && warnings === undefined) return refuse('/khidi_warnings');
  const target = readTarget(record.headers[HEADER.target] === undefined ? undefined : (header(record, HEADER.target) ?? ''));
  if (target === 'malformed') return refuse('/khidi_target');
  if (record.value === null) return refuse('/record');
  return {
    ok: true,
    type: of,
    origin,
    warnings,
    input: {
      event: { id, source, type, time, dataschema: dataschema as SchemaUrn },
      sub: sub as SubjectUrn,
      seq,
      terms: terms.terms,
      origin,
      record: record.value,
      ...(target === undefined ? {} : { target }),
    },
  };
}

/** The one value of a header; a header that occurs twice has none. */
function single(record: ReceivedRecord, name: string): Buffer | undefined {
  const value = record.headers[name];
  return Buffer.isBuffer(value) ? value : undefined;
}

function header(record: ReceivedRecord, name: string): string | undefined {
  const bytes = single(record, name);
  return bytes === undefined ? undefined : headerText(name, bytes);
}

function isKeyOf(key: Buffer | null, sub: string): boolean {
  return key?.equals(Buffer.from(pseudonymIn(sub))) === true;
}

/** Sequences and offsets beyond 2^53 would not be the numbers that they say; an offset takes centuries to come there. */
function sequenceOf(record: ReceivedRecord, source: SequenceSource): number | undefined {
  const text = source === 'agency' ? header(record, HEADER.sequence) : record.offset;
  const seq = text !== undefined && /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(seq) ? seq : undefined;
}

const SHA256_BYTES = 32;

function readOrigin(text: string | undefined): Origin | undefined {
  const { agency, auth, digest, received, ingress, seal } = parse(text);
  if (typeof agency !== 'string' || typeof auth !== 'string' || typeof received !== 'string') return undefined;
  if (typeof ingress !== 'string' || typeof digest !== 'string') return undefined;
  if (seal !== undefined && typeof seal !== 'string') return undefined;
  const known = subsystemId(agency);
  const bytes = Buffer.from(digest, 'base64url');
  if (known === undefined || bytes.length !== SHA256_BYTES) return undefined;
  return { agency: known, auth, digest: bytes, received, ingress, ...(seal === undefined ? {} : { seal }) };
}

/** What `khidi_target` says; its form is checked when it is sealed. */
function readTarget(text: string | undefined): SealInput['target'] | 'malformed' {
  if (text === undefined) return undefined;
  const { aud, request } = parse(text);
  const known = subsystemId(typeof aud === 'string' ? aud : '');
  return known === undefined || typeof request !== 'string' ? 'malformed' : { aud: known, request: request as Digest };
}

function parse(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // not JSON: every member is missing
  }
}
