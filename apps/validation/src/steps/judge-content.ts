import type { FaultReport } from '#faults';
import { judgeRecord } from '#schema';
import type { Found, SchemaInForce } from '../schemas/schemas.js';
import type { CheckedEvent } from './check-event.js';
import { attributeFault } from './sent-event.js';

/** What the content of an accepted record gives to its output. */
export interface Content {
  /** The RFC 8785 bytes of the record. */
  readonly canonical: Buffer;
  readonly identifier: string;
  readonly schema: SchemaInForce;
  /** What is doubtful in it, without being a reason to refuse it. */
  readonly warnings: readonly FaultReport[];
}

/**
 * Judges the record and the schema that its event names: SCHEMA_UNKNOWN, SCHEMA_RETIRED, SCHEMA_INVALID, and all that judging the
 * bytes finds. What is found is added to `faults`, all of it; undefined means refused.
 */
export function judgeContent(event: CheckedEvent, found: Found | undefined, faults: FaultReport[]): Content | undefined {
  const schema = found === undefined ? undefined : inForce(found, faults);
  if (schema?.sequence === 'agency' && event.sequence === undefined) missingSequence(faults);
  const judged = judgeRecord(event.data ?? EMPTY, schema, event.op === 'withdrawn');
  for (const fault of judged.faults) faults.push(fault);
  const { canonical, identifier, warnings } = judged;
  if (schema === undefined || canonical === undefined || identifier === undefined || faults.length > 0) return undefined;
  return { canonical, identifier, schema, warnings };
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
