import { schemaUrn } from '#record';
import type { Schemas } from '../schemas/schemas.js';
import type { CheckedEvent } from './check-event.js';
import type { IngressTopic } from './ingress-topics.js';
import { attributeFault } from './sent-event.js';

/**
 * Puts the version that the sender's serializer names in the place of an absent `dataschema`, or compares the two:
 * SCHEMA_UNKNOWN, SCHEMA_SUBJECT_FOREIGN, SCHEMA_ID_CONTRADICTED. Everything that is registered must be known by then.
 */
export function nameSchema(event: CheckedEvent, schemas: Schemas, topic: IngressTopic): CheckedEvent {
  if (event.schemaId === undefined || event.unreadable) return event;
  const named = schemas.named(event.schemaId, topic.type, event.schema?.version);
  if (named === 'unknown' || named === 'foreign') {
    event.faults.push(attributeFault(named === 'unknown' ? 'SCHEMA_UNKNOWN' : 'SCHEMA_SUBJECT_FOREIGN', 'schemaid'));
    return event;
  }
  if (event.schema !== undefined && event.schema.version !== named.version) {
    event.faults.push(attributeFault('SCHEMA_ID_CONTRADICTED', 'schemaid'));
    return event;
  }
  if (event.dataschema !== undefined) return event;
  const dataschema: string = schemaUrn(topic.type, named.version);
  return { ...event, dataschema, schema: topic.schemaNamed(dataschema) };
}
