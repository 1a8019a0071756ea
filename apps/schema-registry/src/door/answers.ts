import { type StoredSchema, schemaGuid } from '#schema';
import { contextOf, contextScope, DEFAULT_CONTEXT } from '../subject-name.js';

/** The content types of Confluent's API; the first is answered unless only the other one was asked for. */
export const REGISTRY_JSON = 'application/vnd.schemaregistry.v1+json';
export const PLAIN_JSON = 'application/json';

/** What a handler answers: a body that becomes JSON, or a text that is JSON already. */
export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly text?: string;
}

/** A version as Confluent's API shows it; `digest` and `deprecated` are ours. */
export function versionBody(stored: StoredSchema) {
  const { subject, version, id, schemaType, schema, digest, ts } = stored;
  return { subject, version, id, guid: schemaGuid(stored), schemaType, ...extras(stored), schema, digest, ts, ...flags(stored) };
}

/** A schema as it is found by id or GUID. */
export function schemaBody(stored: StoredSchema) {
  const { schemaType, schema, ts } = stored;
  return { schemaType, schema, ...extras(stored), guid: schemaGuid(stored), ts, ...flags(stored) };
}

function extras({ references, metadata, ruleSet, subject }: StoredSchema) {
  return {
    ...(references.length === 0
      ? {}
      : { references: references.map((one) => ({ ...one, subject: relative(subject, one.subject) })) }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(ruleSet === undefined ? {} : { ruleSet }),
  };
}

/** Within its own context a subject is named without it, as it was sent. */
function relative(from: string, subject: string): string {
  const context = contextOf(from);
  return context !== DEFAULT_CONTEXT && contextOf(subject) === context ? subject.slice(contextScope(context).length) : subject;
}

const flags = ({ deleted, deprecated }: StoredSchema) => ({
  ...(deleted ? { deleted } : {}),
  ...(deprecated === true ? { deprecated } : {}),
});
