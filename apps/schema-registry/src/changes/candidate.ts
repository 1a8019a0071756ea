import type { SchemaExtra, StoredReference } from '#schema';
import type { Resolved } from '../steps/resolve-references.js';

/** A schema that may be registered: everything is worked out but its number and id. */
export interface Candidate {
  readonly subject: string;
  readonly schema: string;
  readonly references: readonly StoredReference[];
  readonly metadata?: SchemaExtra;
  readonly ruleSet?: SchemaExtra;
  readonly resolved: Resolved;
  readonly version?: number;
  readonly id?: number;
}
