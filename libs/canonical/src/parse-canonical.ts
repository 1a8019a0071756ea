import type { FaultCode } from '#faults';
import { canonicalize } from './canonicalize.js';
import type { JsonValue } from './json-value.js';
import { RECORD_LIMITS } from './limits.js';
import { readStrict } from './parse-strict.js';
import { Spans } from './spans.js';

/** The value of a strict document and its canonical form, or the one fault that it was refused with. */
type CanonicalResult =
  | { readonly ok: true; readonly value: JsonValue; readonly canonical: Buffer }
  | { readonly ok: false; readonly code: FaultCode };

const spans = new Spans();

/**
 * Reads a record as {@link parseStrict} does, with the same faults, and gives its RFC 8785 form as {@link canonicalize} writes it,
 * for less than the two of them cost: most of the form is copied from where it stands in the bytes. The form belongs to the caller;
 * its size is not limited here.
 */
export function parseCanonical(bytes: Uint8Array): CanonicalResult {
  spans.begin(bytes);
  const read = readStrict(bytes, RECORD_LIMITS, spans);
  if (!read.ok) {
    spans.giveUp();
    return read;
  }
  return { ok: true, value: read.value, canonical: spans.end() ?? canonicalize(read.value) };
}
