import type { ServerResponse } from 'node:http';
import type { StoredSchema } from '#schema';
import { REGISTRY_JSON } from './registry-error.js';

/** Sends a body of Confluent's API. */
export function answer(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', REGISTRY_JSON);
  response.end(JSON.stringify(body));
}

/** A schema version as Confluent's API shows it; `digest` is ours. */
export function versionBody({ subject, version, id, schemaType, schema, references, digest, ts }: StoredSchema) {
  return { subject, version, id, schemaType, ...(references.length === 0 ? {} : { references }), schema, digest, ts };
}
