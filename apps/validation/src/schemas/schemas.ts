import type { RecordType } from '#record';
import type { RecordSchema } from '#schema';
import type { SchemaName } from '../steps/ingress-topics.js';
import type { SchemaId } from '../steps/sent-event.js';

/** A registered schema that is in force, ready to judge. */
export interface SchemaInForce extends RecordSchema {
  /** Whether the order of a subject's records is numbered by the agency. */
  readonly sequence: 'agency' | 'offset';
  /** The bytes of `khidi_schema`: the same for every record. */
  readonly header: Buffer;
}

/** What the registry says of a schema version. `unusable`: registered, but it cannot be applied here. */
export type Found =
  | { readonly state: 'in force'; readonly schema: SchemaInForce }
  | { readonly state: 'retired' | 'unknown' | 'unusable' };

/** The registered schemas, as far as they are known here. */
export interface Schemas {
  find(name: SchemaName): Found;
  /**
   * The version of a record type that the registry gave an id or GUID; `preferred` where it is one of several. `foreign`: it belongs to
   * other subjects only.
   */
  named(schemaId: SchemaId, type: RecordType, preferred?: number): SchemaName | 'foreign' | 'unknown';
  /** Resolves once everything is known that was registered when it was called. Throws STREAM_UNAVAILABLE. */
  caughtUp(): Promise<void>;
}
