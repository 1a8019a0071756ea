import { canonicalize, isJsonObject, type JsonValue, MAX_RECORD_BYTES, parseStrict } from '#canonical';
import { type FaultReport, faultReport } from '#faults';
import type { Found, SchemaInForce } from '../schemas/schemas.js';
import type { CheckedEvent } from './check-event.js';
import { judgeWithdrawal } from './judge-withdrawal.js';
import { attributeFault } from './sent-event.js';

/** What the content of an accepted record gives to its output. */
export interface Content {
  /** The RFC 8785 bytes of the record. */
  readonly canonical: Buffer;
  readonly identifier: string;
  readonly schema: SchemaInForce;
}

/**
 * Judges the record and the schema that its event names: every JSON_* fault, SCHEMA_UNKNOWN, SCHEMA_RETIRED, SCHEMA_INVALID,
 * the schema's violations, SCHEMA_IDENTIFIER_MISSING. What is found is added to `faults`, all of it; undefined means refused.
 */
export function judgeContent(event: CheckedEvent, found: Found | undefined, faults: FaultReport[]): Content | undefined {
  const schema = found === undefined ? undefined : inForce(found, faults);
  if (schema?.sequence === 'agency' && event.sequence === undefined) missingSequence(faults);
  const parsed = parseStrict(event.data ?? EMPTY);
  if (!parsed.ok) {
    faults.push(faultReport(parsed.code));
    return undefined;
  }
  const identifier = schema === undefined ? undefined : judgeBySchema(parsed.value, event, schema, faults);
  const canonical = canonicalize(parsed.value);
  if (canonical.length > MAX_RECORD_BYTES) faults.push(faultReport('JSON_TOO_LARGE'));
  if (schema === undefined || identifier === undefined || faults.length > 0) return undefined;
  return { canonical, identifier, schema };
}

const EMPTY = Buffer.alloc(0);

function inForce(found: Found, faults: FaultReport[]): SchemaInForce | undefined {
  switch (found.state) {
    case 'in force':
      return found.schema;
    case 'unknown':
      faults.push(attributeFault('SCHEMA_UNKNOWN', 'dataschema'));
      return undefined;
    case 'retired':
      faults.push(attributeFault('SCHEMA_RETIRED', 'dataschema'));
      return undefined;
    case 'unusable':
      faults.push(attributeFault('SCHEMA_INVALID', 'dataschema'));
      return undefined;
  }
}

/** A malformed sequence was told already. */
function missingSequence(faults: FaultReport[]): void {
  if (!faults.some(({ pointer, rule }) => rule === 'attribute' && pointer === '/sequence')) {
    faults.push(attributeFault('EVENT_ATTRIBUTE_MISSING', 'sequence'));
  }
}

/** The identifier, where the record has one that may be used. */
function judgeBySchema(value: JsonValue, event: CheckedEvent, schema: SchemaInForce, faults: FaultReport[]): string | undefined {
  if (!isJsonObject(value)) {
    faults.push(faultReport('SCHEMA_VIOLATION', '', 'type'));
    return undefined;
  }
  const violations = event.op === 'withdrawn' ? judgeWithdrawal(value, schema.identifier) : schema.judge(value);
  for (const violation of violations) faults.push(violation);
  const identifier = schema.identifierOf(value);
  if (identifier !== undefined && identifier !== '') return identifier;
  // A violation at its place says more than that it is missing.
  if (!violations.some(({ pointer }) => pointer === schema.identifier)) {
    faults.push(faultReport('SCHEMA_IDENTIFIER_MISSING', schema.identifier));
  }
  return undefined;
}
