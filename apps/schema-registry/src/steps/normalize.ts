import { canonicalize, parseStrict } from '#canonical';
import { MAX_SCHEMA_BYTES, type RegisterRequest } from './register-request.js';

const LIMITS = { maxBytes: MAX_SCHEMA_BYTES, maxDepth: 250 };

/**
 * The same schema written in one way: RFC 8785, and references in order of their names. A text that has no such form (a number that
 * would change) stays as it is.
 */
export function normalized<T extends Pick<RegisterRequest, 'schema' | 'references'>>(request: T): T {
  const references = [...request.references].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { ...request, references, schema: normalizedText(request.schema) };
}

/** See {@link normalized}. */
export function normalizedText(text: string): string {
  const parsed = parseStrict(Buffer.from(text, 'utf8'), LIMITS);
  return parsed.ok ? canonicalize(parsed.value).toString('utf8') : text;
}
