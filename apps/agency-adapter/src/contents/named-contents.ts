import { parseStrict } from '#canonical';
import { CONTENT_PREFIX, type ContentReference, contentsNamedIn, MOST_REFERENCES } from '#record';
import { type Caller, type OrRefusal, refuse } from '../door-event.js';

/**
 * The contents that the data of an event names, once each, if its caller may name them. Refuses with CONTENT_REFERENCE what is malformed or of
 * another size, and with CONTENT_UNKNOWN what the caller did not put here. What is no strict JSON names nothing: the road refuses it.
 */
export function namedContents(data: Buffer, caller: Caller, id: string): OrRefusal<{ contents: readonly ContentReference[] }> {
  // Nearly every record names none: one search of its bytes says so. An escaped spelling is not found, nor are those bytes kept for it.
  if (!data.includes(CONTENT_PREFIX)) return NONE;
  const parsed = parseStrict(data);
  if (!parsed.ok) return NONE;
  const named = contentsNamedIn(parsed.value);
  if (named.length > MOST_REFERENCES) return refuse('CONTENT_REFERENCE', `at most ${MOST_REFERENCES} contents`, id);
  const contents = new Map<string, ContentReference>();
  for (const { reference } of named) {
    if (reference === undefined) return refuse('CONTENT_REFERENCE', undefined, id);
    const holding = caller.holds?.(reference) ?? 'unknown';
    if (holding === 'unknown') return refuse('CONTENT_UNKNOWN', undefined, id);
    if (holding === 'differs') return refuse('CONTENT_REFERENCE', 'the size is not that of the content', id);
    contents.set(reference.dataref, reference);
  }
  return { ok: true, contents: [...contents.values()] };
}

const NONE = { ok: true, contents: [] } as const;
