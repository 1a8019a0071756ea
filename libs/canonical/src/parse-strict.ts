import { isUtf8 } from 'node:buffer';
import type { FaultCode } from '#faults';
import type { JsonValue } from './json-value.js';
import { type Limits, RECORD_LIMITS } from './limits.js';
import { readDocument } from './reader.js';
import { NO_SPANS, type Spans } from './spans.js';
import { Tokens } from './tokens.js';

/** The value of a strict document, or the one fault that it was refused with. */
export type StrictResult = { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly code: FaultCode };

/**
 * Reads one JSON text (RFC 8259) that means the same to every reader (I-JSON, RFC 7493). The checks run in this order:
 * JSON_EMPTY (nothing but white space), JSON_TOO_LARGE (over 640 KiB, or as `limits` say; the verifier of envelopes passes wider ones), JSON_UTF8_INVALID (also for a byte order mark and for
 * surrogates encoded as UTF-8); then the text is read once, up to the place where it is not JSON (JSON_SYNTAX) or exceeds 32
 * levels (JSON_TOO_DEEP). A text that is JSON throughout is refused for the first of JSON_SURROGATE_LONE (half a pair written
 * as an escape), JSON_NUMBER_LOSSY (see {@link keepsItsValue}) and JSON_DUPLICATE_MEMBER (names compared after unescaping).
 * No place is reported: the way to it would be made of names that the data chose.
 *
 * Objects and arrays are plain; `__proto__` is an own member like any other. Time and memory are linear in the input.
 */
export function parseStrict(bytes: Uint8Array, limits: Limits = RECORD_LIMITS): StrictResult {
  return readStrict(bytes, limits, NO_SPANS);
}

/** {@link parseStrict}, which also notes in `spans` where the canonical form of each value stands. */
export function readStrict(bytes: Uint8Array, limits: Limits, spans: Spans): StrictResult {
  if (bytes.length > limits.maxBytes) return { ok: false, code: 'JSON_TOO_LARGE' };
  if (!isUtf8(bytes) || startsWithMark(bytes)) return { ok: false, code: 'JSON_UTF8_INVALID' };
  const tokens = new Tokens(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const value = readDocument(tokens, limits.maxDepth, spans);
  if (tokens.fault !== undefined) return { ok: false, code: tokens.fault };
  return value === undefined ? { ok: false, code: 'JSON_SYNTAX' } : { ok: true, value };
}

function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
