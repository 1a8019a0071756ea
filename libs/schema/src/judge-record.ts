import { isJsonObject, type JsonValue, MAX_RECORD_BYTES, parseCanonical } from '#canonical';
import { type FaultReport, faultReport } from '#faults';
import type { Judgement } from './compiled-schema.js';
import { judgeWithdrawal } from './judge-withdrawal.js';

/** As much of a compiled schema as judging a record needs. */
export interface RecordSchema {
  /** All violations of a record, and what is doubtful in one without. Bounded in number and time. */
  verdict(value: JsonValue): Judgement;
  /** The record's identifier, where it has one. */
  identifierOf(value: JsonValue): string | undefined;
  /** The JSON pointer of the identifier. */
  readonly identifier: string;
}

/** What is to be said of the bytes of one record. */
export interface RecordJudgement extends Judgement {
  /** The RFC 8785 bytes; absent where the bytes are not strict JSON. */
  readonly canonical?: Buffer;
  /** Absent where the record has none that may be used. */
  readonly identifier?: string;
}

/**
 * Judges the bytes of one record, as the road and `khidi record validate` do: every JSON_* fault, the schema's violations, IDENTIFIER_*,
 * SCHEMA_IDENTIFIER_MISSING. A withdrawal has nothing but the identifier. Without a schema the bytes alone are judged.
 */
export function judgeRecord(bytes: Buffer, schema: RecordSchema | undefined, isWithdrawal = false): RecordJudgement {
  return judgeBytes(bytes, (value) => (schema === undefined ? UNJUDGED : judgeBySchema(value, schema, isWithdrawal)));
}

/** Judges the bytes of one document by a schema that describes no record type: any JSON value, no identifier. Otherwise the same. */
export function judgeDocument(bytes: Buffer, schema: Pick<RecordSchema, 'verdict'>): Judgement {
  return judgeBytes(bytes, (value) => schema.verdict(value));
}

const NONE: readonly FaultReport[] = [];
const UNJUDGED: Judgement = { faults: NONE, warnings: NONE };

function judgeBytes(bytes: Buffer, judge: (value: JsonValue) => RecordJudgement): RecordJudgement {
  const parsed = parseCanonical(bytes);
  if (!parsed.ok) return { faults: [faultReport(parsed.code)], warnings: NONE };
  const judged = judge(parsed.value);
  if (parsed.canonical.length <= MAX_RECORD_BYTES) return { ...judged, canonical: parsed.canonical };
  return { ...judged, faults: [...judged.faults, faultReport('JSON_TOO_LARGE')] };
}

function judgeBySchema(value: JsonValue, schema: RecordSchema, isWithdrawal: boolean): RecordJudgement {
  if (!isJsonObject(value)) return { faults: [faultReport('SCHEMA_VIOLATION', '', 'type')], warnings: NONE };
  const { faults, warnings } = isWithdrawal
    ? { faults: judgeWithdrawal(value, schema.identifier), warnings: NONE }
    : schema.verdict(value);
  const identifier = schema.identifierOf(value);
  if (identifier !== undefined && identifier !== '') return { faults, warnings, identifier };
  // A violation at its place says more than that it is missing.
  if (faults.some(({ pointer }) => pointer === schema.identifier)) return { faults, warnings };
  return { faults: [...faults, faultReport('SCHEMA_IDENTIFIER_MISSING', schema.identifier)], warnings };
}
